package dev.squadron.trainer.domain.continuous;

import dev.squadron.contracts.run.Gate;
import java.util.Locale;
import java.util.Map;

/**
 * What the gate says to the head that a fold has made.
 *
 * @param admitted whether it may go live
 * @param reason with both figures and the rule
 */
public record Verdict(boolean admitted, String reason) {

    /** Returns the name of the metric that the head before the first fold had. */
    public static String anchor(Gate gate) {
        return "anchor_" + gate.metric().label();
    }

    /**
     * Measures a head by the better one of two: the one that it was trained from, and the one that the last run has left before any
     * fold. So many small losses do not add up.
     *
     * @param metrics the head's, with {@code baseline_} those of the one before, and the {@linkplain #anchor anchor's}; without a
     *     validation split none
     */
    public static Verdict of(Gate gate, Map<String, Double> metrics) {
        String metric = gate.metric().label();
        if (!metrics.containsKey(metric)) {
            return new Verdict(
                    false,
                    "The data set has no validation split, so nothing shows what the head has lost; train on one that has"
                            + " such a split.");
        }
        double before = metrics.get("baseline_" + metric);
        double anchor = metrics.get(anchor(gate));
        double bar = gate.metric().gain(before, anchor) > 0 ? before : anchor;
        double head = metrics.get(metric);
        boolean admitted = gate.admits(head, bar);
        return new Verdict(
                admitted,
                String.format(
                        Locale.ROOT,
                        "%s is %.2f and was %.2f; the gate allows a loss of %s.",
                        metric,
                        head,
                        bar,
                        gate.maxDrop()));
    }
}
