package dev.squadron.contracts.run;

import static dev.squadron.contracts.run.Fault.refuse;
import static dev.squadron.contracts.run.Fault.require;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.LongNode;
import dev.squadron.contracts.ContractJson;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * What a sweep tries for one key of a recipe: a list of values, or everything between two numbers. In JSON a list, or {@code
 * {"min": …, "max": …, "scale": …}}.
 *
 * @param values the list; null for a range of numbers
 * @param min the smallest number
 * @param max the largest number
 * @param scale how the numbers between are spread
 */
public record Range(List<JsonNode> values, Double min, Double max, Scale scale) {

    /** How numbers are spread. */
    public enum Scale {
        LINEAR,
        /** Evenly in the logarithm, as learning rates should be. */
        LOG;

        @JsonValue
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private record Bounds(Double min, Double max, Scale scale) {}

    @JsonCreator(mode = JsonCreator.Mode.PROPERTIES)
    public Range {
        if (values == null) {
            scale = Objects.requireNonNullElse(scale, Scale.LINEAR);
            refuse(min == null || max == null, "", "has no min or no max; give both, or a list of values.");
            require(Double.isFinite(min) && Double.isFinite(max) && min < max, "max", max, "above min, " + min);
            require(scale == Scale.LINEAR || min > 0, "min", min, "above 0 where scale is log");
        } else {
            refuse(
                    min != null || max != null || scale != null,
                    "",
                    "has values and min, max or scale; give a list or a range.");
            values = List.copyOf(values);
            refuse(values.isEmpty(), "", "is an empty list; give at least one value.");
        }
    }

    /** Returns a list of values. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static Range of(List<JsonNode> values) {
        return new Range(values, null, null, null);
    }

    /**
     * Returns the value below which a share of all lies.
     *
     * @param share from 0 to below 1
     * @param whole whether numbers of a range are rounded
     */
    public JsonNode at(double share, boolean whole) {
        if (values != null) {
            return values.get((int) (share * values.size()));
        }
        double number = scale == Scale.LOG ? min * Math.pow(max / min, share) : min + (max - min) * share;
        return whole ? new LongNode(Math.round(number)) : new DoubleNode(number);
    }

    @JsonValue
    JsonNode json() {
        return ContractJson.mapper().valueToTree(values == null ? new Bounds(min, max, scale) : values);
    }
}
