package dev.squadron.contracts.run;

import static java.util.stream.Collectors.joining;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.InputCoercionException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.InvalidMessage;
import dev.squadron.contracts.Spelling;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Reads recipes, and what contains them, strictly: an unknown key or a wrong type is an error that says what to do. */
final class RecipeReader {
    private static final int MAX_SHOWN = 60;
    private static final String PRESET = "preset";

    private static final ObjectReader STRICT =
            ContractJson.mapper().reader().with(DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS);

    private RecipeReader() {}

    /**
     * Reads {@code type} from YAML or JSON.
     *
     * @throws InvalidMessage {@code not-utf8}, {@code bad-recipe} or {@code bad-sweep}
     */
    static <T> T read(byte[] utf8, String source, Class<T> type) throws InvalidMessage {
        SourceText text = SourceText.parse(utf8, source);
        try {
            return build(text.tree(), type);
        } catch (Fault fault) {
            throw new InvalidMessage("bad-" + noun(type), text.place(fault.key()) + ": " + sentence(fault, type));
        }
    }

    /**
     * Reads {@code type} from a tree.
     *
     * @throws InvalidMessage {@code bad-recipe}, {@code bad-sweep} or {@code bad-augmentation}
     */
    static <T> T of(JsonNode tree, Class<T> type) throws InvalidMessage {
        try {
            return build(tree, type);
        } catch (Fault fault) {
            throw new InvalidMessage(
                    "bad-" + noun(type), "The " + noun(type) + " cannot be used: " + sentence(fault, type));
        }
    }

    private static <T> T build(JsonNode tree, Class<T> type) {
        JsonNode resolved = tree;
        if (type == Recipe.class) {
            resolved = resolve(tree);
        } else if (tree instanceof ObjectNode object && object.hasNonNull("recipe")) {
            try {
                resolved = object.deepCopy().set("recipe", resolve(object.get("recipe")));
            } catch (Fault fault) {
                throw fault.under("recipe");
            }
        }
        if (!resolved.isObject()) {
            throw new Fault(
                    "",
                    "is " + shown(resolved) + "; it must be an object"
                            + (type == Recipe.class ? ", or the name of a preset." : "."));
        }
        refuseUnknown(resolved, STRICT.getTypeFactory().constructType(type), "", type);
        try {
            return STRICT.forType(type).readValue(resolved);
        } catch (JsonMappingException e) {
            if (e.getCause() instanceof Fault fault) {
                throw fault.under(path(e));
            }
            Class<?> wanted = wanted(e);
            JsonNode value = resolved.at("/" + path(e).replace('.', '/'));
            throw new Fault(path(e), "is " + shown(value) + "; it must be " + words(wanted) + near(value, wanted));
        } catch (JsonProcessingException e) {
            throw new Fault("", "cannot be read: " + e.getOriginalMessage());
        } catch (java.io.IOException e) {
            throw new IllegalStateException("A tree in memory could not be read", e);
        }
    }

    /** Returns a recipe's tree with its preset put under it; a text is the name of a preset. */
    private static JsonNode resolve(JsonNode recipe) {
        if (recipe.isTextual()) {
            return Presets.tree(recipe.textValue());
        }
        if (!(recipe instanceof ObjectNode object) || !object.hasNonNull(PRESET)) {
            return recipe instanceof ObjectNode object ? object.deepCopy().without(PRESET) : recipe;
        }
        if (!object.get(PRESET).isTextual()) {
            throw new Fault(PRESET, "is " + shown(object.get(PRESET)) + "; it must be a name.");
        }
        return Overrides.apply(
                Presets.tree(object.get(PRESET).textValue()), object.deepCopy().without(PRESET));
    }

    private static void refuseUnknown(JsonNode tree, JavaType type, String path, Class<?> root) {
        if (!tree.isObject() || !(type.isMapLikeType() || type.getRawClass().isRecord())) {
            return;
        }
        Map<String, JavaType> keys = keys(type);
        tree.properties().forEach(entry -> {
            String name = entry.getKey();
            String key = path.isEmpty() ? name : path + "." + name;
            JavaType known = type.isMapLikeType() ? type.getContentType() : keys.get(name);
            if (known == null) {
                List<String> names = new ArrayList<>(new TreeSet<>(keys.keySet()));
                if (type.hasRawClass(Recipe.class)) {
                    names.add(PRESET);
                }
                throw new Fault(key, unknown(name, names, root));
            }
            refuseUnknown(entry.getValue(), known, key, root);
        });
    }

    private static String unknown(String name, List<String> known, Class<?> root) {
        return home(name, STRICT.getTypeFactory().constructType(root))
                .map(home -> "is unknown here; it belongs under " + home + ".")
                .or(() -> Spelling.nearest(name, known).map(near -> "is unknown; did you mean " + near + "?"))
                .orElse("is unknown; known here: " + String.join(", ", known) + ".");
    }

    /** Returns whether a dotted key of a recipe holds a whole number. */
    static boolean isWhole(String key) {
        JavaType type = STRICT.getTypeFactory().constructType(Recipe.class);
        for (String name : key.split("\\.", -1)) {
            type = keys(type).getOrDefault(name, type);
        }
        return type.hasRawClass(Integer.class) || type.hasRawClass(Long.class);
    }

    /** Returns where in {@code type} a key of that name stands. */
    private static Optional<String> home(String name, JavaType type) {
        return keys(type).entrySet().stream()
                .filter(key -> key.getValue().getRawClass().isRecord())
                .flatMap(key -> keys(key.getValue()).containsKey(name)
                        ? Stream.of(key.getKey())
                        : home(name, key.getValue()).map(inner -> key.getKey() + "." + inner).stream())
                .findFirst();
    }

    /** Returns the keys of a record with their types. */
    private static Map<String, JavaType> keys(JavaType type) {
        Map<String, JavaType> keys = new LinkedHashMap<>();
        STRICT.getConfig()
                .introspect(type)
                .findProperties()
                .forEach(property -> keys.put(property.getName(), property.getPrimaryType()));
        return keys;
    }

    private static Class<?> wanted(JsonMappingException e) {
        if (e.getCause() instanceof InputCoercionException overflow) {
            return overflow.getTargetType();
        }
        return e instanceof MismatchedInputException mismatch ? mismatch.getTargetType() : Object.class;
    }

    private static String path(JsonMappingException e) {
        return e.getPath().stream()
                .map(JsonMappingException.Reference::getFieldName)
                .filter(Objects::nonNull)
                .collect(joining("."));
    }

    private static String words(Class<?> wanted) {
        if (wanted.isEnum()) {
            return "one of " + String.join(", ", labels(wanted));
        }
        if (wanted == Integer.class || wanted == Long.class || wanted == int.class || wanted == long.class) {
            return "a whole number";
        }
        if (Number.class.isAssignableFrom(wanted)) {
            return "a number";
        }
        if (wanted == Boolean.class) {
            return "true or false";
        }
        if (wanted == String.class) {
            return "a text";
        }
        return Collection.class.isAssignableFrom(wanted) ? "a list" : "an object";
    }

    private static String near(JsonNode value, Class<?> wanted) {
        return value.isTextual() && wanted.isEnum()
                ? Spelling.nearest(value.textValue(), labels(wanted))
                        .map(near -> "; did you mean " + near + "?")
                        .orElse(".")
                : ".";
    }

    private static List<String> labels(Class<?> wanted) {
        return Stream.of(wanted.getEnumConstants())
                .map(constant -> ContractJson.mapper().convertValue(constant, String.class))
                .toList();
    }

    private static String shown(JsonNode value) {
        String text = value.isTextual() ? "“" + value.textValue() + "”" : value.toString();
        return text.length() <= MAX_SHOWN ? text : text.substring(0, MAX_SHOWN) + "…";
    }

    private static String sentence(Fault fault, Class<?> type) {
        return fault.key().isEmpty() ? "the " + noun(type) + fault.getMessage() : fault.getMessage();
    }

    private static String noun(Class<?> type) {
        if (type == Augmentation.class) {
            return "augmentation";
        }
        return type == Recipe.class ? "recipe" : "sweep";
    }
}
