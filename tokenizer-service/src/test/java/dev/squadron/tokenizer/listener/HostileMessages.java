package dev.squadron.tokenizer.listener;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.Headers;
import dev.squadron.contracts.Topics;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Messages that a broken or malicious producer might write, made from one seed; each breaks a rule. */
final class HostileMessages {
    private static final int LONG = 990_000;

    private final Random random;
    private final List<Supplier<byte[]>> kinds = List.of(
            this::randomBytes,
            this::cutShort,
            this::invalidUtf8,
            this::deeplyNested,
            this::longNumber,
            this::wrongTypes,
            this::longText,
            this::longRandomText,
            this::manyAnswers,
            this::answerElsewhere,
            this::halfSurrogate,
            this::longQuestion,
            this::duplicateKeys,
            () -> new byte[0],
            () -> "null".getBytes(UTF_8),
            () -> "[1, 2, 3]".getBytes(UTF_8),
            () -> "\"a record\"".getBytes(UTF_8),
            () -> null);
    private int made;

    HostileMessages(long seed) {
        random = new Random(seed);
    }

    /** Returns the next one, for the topic of records, under a key that looks right, is strange or is missing. */
    ProducerRecord<byte[], byte[]> next(String dataset) {
        int number = made++;
        byte[] value = kinds.get(number % kinds.size()).get();
        byte[] key =
                switch (random.nextInt(4)) {
                    case 0 -> null;
                    case 1 -> bytes(random.nextInt(2_000));
                    default -> (dataset + "/hostile-" + number).getBytes(UTF_8);
                };
        ProducerRecord<byte[], byte[]> message = new ProducerRecord<>(Topics.RECORDS, null, key, value);
        switch (random.nextInt(6)) {
            case 0 -> message.headers().add(Headers.TYPE, Headers.TYPE_SEAL.getBytes(UTF_8));
            case 1 -> message.headers().add(Headers.TYPE, bytes(50));
            case 2 -> message.headers().add("x".repeat(random.nextInt(1_000)), bytes(random.nextInt(9_000)));
            case 3 -> message.headers().add(Headers.DEAD_LETTER_REASON, null);
            default -> {
                // most have no header
            }
        }
        return message;
    }

    private byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private byte[] randomBytes() {
        return bytes(random.nextInt(100_000));
    }

    private byte[] cutShort() {
        byte[] whole = ContractJson.write(record());
        return Arrays.copyOf(whole, 1 + random.nextInt(whole.length - 1));
    }

    private byte[] invalidUtf8() {
        byte[] bytes = ContractJson.write(record());
        bytes[new String(bytes, UTF_8).indexOf("harbour")] = (byte) 0xC3;
        return bytes;
    }

    private byte[] deeplyNested() {
        return "{\"question\":".repeat(80_000).getBytes(UTF_8);
    }

    private byte[] longNumber() {
        return ("{\"dataset\":\"handbook\",\"id\":" + "9".repeat(500_000) + "}").getBytes(UTF_8);
    }

    private byte[] wrongTypes() {
        return ContractJson.write(record().put("context", random.nextInt()));
    }

    private byte[] longText() {
        return ContractJson.write(record().put("context", "the harbour ".repeat(LONG / 12)));
    }

    private byte[] longRandomText() {
        return ContractJson.write(record().put("context", new String(bytes(LONG / 4), UTF_8)));
    }

    private byte[] manyAnswers() {
        ObjectNode record = record();
        ArrayNode answers = record.putArray("answers");
        for (int i = 0; i < 5_000; i++) {
            answers.addObject().put("text", "harbour").put("answer_start", 4);
        }
        return ContractJson.write(record);
    }

    private byte[] answerElsewhere() {
        ObjectNode record = record();
        record.putArray("answers").addObject().put("text", "the moon").put("answer_start", Integer.MAX_VALUE);
        return ContractJson.write(record);
    }

    private byte[] halfSurrogate() {
        return new String(ContractJson.write(record()), UTF_8)
                .replace("harbour", "harbour\\ud83d")
                .getBytes(UTF_8);
    }

    private byte[] longQuestion() {
        return ContractJson.write(record().put("question", "where is it ".repeat(600)));
    }

    private byte[] duplicateKeys() {
        return "{\"dataset\":\"handbook\",\"dataset\":\"../../etc\",\"id\":\"\\u0000\"}".getBytes(UTF_8);
    }

    private static ObjectNode record() {
        ObjectNode record = ContractJson.mapper()
                .createObjectNode()
                .put("dataset", "handbook")
                .put("id", "hostile")
                .put("question", "Where does the ferry land?")
                .put("context", "The harbour is where the ferry lands.");
        record.putArray("answers").addObject().put("text", "The harbour").put("answer_start", 0);
        return record;
    }
}
