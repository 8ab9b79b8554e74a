package dev.squadron.contracts.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squadron.contracts.ContractJson;
import java.util.List;
import java.util.Map;

/**
 * Puts values over those of a recipe: keys of objects one by one, lists as a whole, null takes a key away. What a new value
 * makes meaningless goes: the other way to say how long, and what belongs to another {@code tune} or optimiser.
 */
final class Overrides {
    /** Keys that go when the key before them is set. */
    private static final Map<String, List<String>> ALTERNATIVES = Map.of(
            "epochs", List.of("steps"),
            "steps", List.of("epochs"),
            "warmup_steps", List.of("warmup_ratio"),
            "warmup_ratio", List.of("warmup_steps"));

    /** Keys that go when the key before them gets another value. */
    private static final Map<String, List<String>> DEPENDENTS = Map.of(
            "tune", List.of("lora", "last_n_blocks", "dropout"),
            "optimizer.type", List.of("momentum", "beta1", "beta2", "epsilon", "weight_decay"));

    private Overrides() {}

    /** Returns a recipe's tree with other values, which have dotted keys. */
    static ObjectNode apply(Recipe recipe, Map<String, ?> values) {
        ObjectNode changes = ContractJson.mapper().createObjectNode();
        values.forEach((key, value) -> {
            String[] path = key.split("\\.", -1);
            ObjectNode parent = changes;
            for (int i = 0; i < path.length - 1; i++) {
                parent = parent.withObjectProperty(path[i]);
            }
            parent.set(path[path.length - 1], ContractJson.mapper().valueToTree(value));
        });
        return apply(ContractJson.mapper().valueToTree(recipe), changes);
    }

    /** Returns {@code base} with {@code changes}. */
    static ObjectNode apply(ObjectNode base, ObjectNode changes) {
        return apply("", base.deepCopy(), changes);
    }

    private static ObjectNode apply(String prefix, ObjectNode base, ObjectNode changes) {
        changes.properties().forEach(change -> {
            String key = change.getKey();
            base.remove(ALTERNATIVES.getOrDefault(key, List.of()));
            if (!change.getValue().equals(base.get(key))) {
                base.remove(DEPENDENTS.getOrDefault(prefix + key, List.of()));
            }
        });
        changes.properties().forEach(change -> {
            JsonNode before = base.get(change.getKey());
            if (change.getValue().isNull()) {
                base.remove(change.getKey());
            } else if (before instanceof ObjectNode old && change.getValue() instanceof ObjectNode next) {
                base.set(change.getKey(), apply(prefix + change.getKey() + ".", old, next));
            } else {
                base.set(change.getKey(), change.getValue());
            }
        });
        return base;
    }
}
