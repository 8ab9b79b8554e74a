package dev.squadron.text.metric;

import dev.squadron.text.metric.SquadMetric.Score;
import dev.squadron.text.metric.SquadMetric.Version;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Adds up the scores of a data set. */
public final class SquadScores {
    private final Version version;
    private final Total all = new Total();
    private final Total answerable = new Total();
    private final Total impossible = new Total();

    private static final class Total {
        private double exact;
        private double f1;
        private int count;

        void add(Score score) {
            exact += score.exact();
            f1 += score.f1();
            count++;
        }

        void put(Map<String, Number> into, String prefix) {
            into.put(prefix + "exact", 100 * exact / count);
            into.put(prefix + "f1", 100 * f1 / count);
            into.put(prefix + "total", count);
        }
    }

    /** Begins with nothing. */
    public SquadScores(Version version) {
        this.version = version;
    }

    /**
     * Adds a question.
     *
     * @param prediction the answer given
     * @param references the right ones; none: the question has no answer
     */
    public void add(String prediction, List<String> references) {
        Score score = SquadMetric.score(prediction, references, version);
        all.add(score);
        (references.isEmpty() ? impossible : answerable).add(score);
    }

    /** Adds an answerable question that has no prediction: it counts as wrong. */
    public void addMissing() {
        Score wrong = new Score(0, 0);
        all.add(wrong);
        answerable.add(wrong);
    }

    /** Returns how many questions were added. */
    public int total() {
        return all.count;
    }

    /** Returns exact match in percent; NaN without any question. */
    public double exact() {
        return 100 * all.exact / all.count;
    }

    /** Returns F1 in percent; NaN without any question. */
    public double f1() {
        return 100 * all.f1 / all.count;
    }

    /** Returns the numbers under the names of the official script of SQuAD 2.0; in percent. */
    public Map<String, Number> report() {
        Map<String, Number> report = new LinkedHashMap<>();
        all.put(report, "");
        if (version == Version.V2) {
            if (answerable.count > 0) {
                answerable.put(report, "HasAns_");
            }
            if (impossible.count > 0) {
                impossible.put(report, "NoAns_");
            }
        }
        return report;
    }
}
