package dev.squadron.text.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.InvalidMessage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * A {@code tokenizer.json}, checked before native code sees it: a broken one would not throw there, it would end the JVM.
 *
 * @param path the file
 * @param sha256 of its bytes, in hexadecimal
 * @param specialIds the special tokens without that of unknown characters
 */
record TokenizerFile(Path path, String sha256, Set<Integer> specialIds) {
    private static final long MAX_BYTES = 256L << 20;
    private static final Set<String> MODELS = Set.of("Unigram", "BPE", "WordPiece", "WordLevel");

    static TokenizerFile check(Path directory) {
        Path path = directory.resolve("tokenizer.json");
        try {
            if (!Files.isRegularFile(path)) {
                throw broken(path, "is not there; save the model's fast tokenizer beside its config.json", null);
            }
            if (Files.size(path) > MAX_BYTES) {
                throw broken(path, "has " + Files.size(path) + " bytes and may have " + MAX_BYTES, null);
            }
            byte[] bytes = Files.readAllBytes(path);
            JsonNode json = ContractJson.readTree(bytes);
            checkModel(path, json.path("model"));
            for (JsonNode charsmap : json.findValues("precompiled_charsmap")) {
                checkCharsmap(path, charsmap);
            }
            return new TokenizerFile(
                    path,
                    HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes)),
                    specialIds(json));
        } catch (InvalidMessage e) {
            throw broken(path, "is not readable: " + e.getMessage(), e);
        } catch (IOException e) {
            throw broken(path, "cannot be read: " + e.getMessage(), e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }

    private static Set<Integer> specialIds(JsonNode json) {
        JsonNode model = json.path("model");
        String unknown = model.has("unk_id")
                ? model.path("vocab").path(model.path("unk_id").asInt()).path(0).asText()
                : model.path("unk_token").asText("");
        Set<Integer> ids = new TreeSet<>();
        for (JsonNode token : json.path("added_tokens")) {
            if (token.path("special").asBoolean()
                    && !token.path("content").asText().equals(unknown)) {
                ids.add(token.path("id").asInt());
            }
        }
        return Collections.unmodifiableSet(ids);
    }

    private static void checkModel(Path path, JsonNode model) {
        String type = model.path("type").asText("");
        if (!MODELS.contains(type)) {
            throw broken(path, "has the model “" + type + "”; known are " + List.copyOf(MODELS), null);
        }
        if (model.path("vocab").isEmpty()) {
            throw broken(path, "has an empty vocabulary", null);
        }
        if (type.equals("Unigram")) {
            int unknown = model.path("unk_id").asInt(0);
            if (unknown < 0 || unknown >= model.path("vocab").size()) {
                throw broken(path, "has the unk_id " + unknown + " outside its vocabulary", null);
            }
            for (JsonNode piece : model.path("vocab")) {
                if (piece.size() != 2
                        || !piece.get(0).isTextual()
                        || !piece.get(1).isNumber()) {
                    throw broken(path, "has a piece that is no [text, score]: " + piece, null);
                }
            }
        }
    }

    /** A sentencepiece charsmap: the length of a double array in four bytes, the array, and the texts it points to. */
    private static void checkCharsmap(Path path, JsonNode charsmap) {
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(charsmap.asText(""));
        } catch (IllegalArgumentException e) {
            throw broken(path, "has a precompiled_charsmap that is no Base64", e);
        }
        if (bytes.length < 8) {
            throw broken(path, "has a precompiled_charsmap of " + bytes.length + " bytes", null);
        }
        long units = Integer.toUnsignedLong(
                ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt());
        if (units == 0 || units % 4 != 0 || units + 4 > bytes.length) {
            throw broken(path, "has a precompiled_charsmap that claims " + units + " bytes of " + bytes.length, null);
        }
    }

    private static TokenizerException broken(Path path, String what, Throwable cause) {
        return new TokenizerException("The tokenizer " + path + " " + what + ". Fetch the model again.", cause);
    }
}
