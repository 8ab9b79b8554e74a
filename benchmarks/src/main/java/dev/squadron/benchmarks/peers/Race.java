package dev.squadron.benchmarks.peers;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

/** Measures several contenders in turn, round after round, so that a disturbance meets all of them alike. */
record Race(int rounds) {

    /** The figures of one contender, ascending. */
    record Figures(List<Double> sorted) {
        double median() {
            return sorted.get(sorted.size() / 2);
        }

        double lowest() {
            return sorted.get(0);
        }

        double highest() {
            return sorted.get(sorted.size() - 1);
        }
    }

    /**
     * Lets each contender run once to warm up and then once a round.
     *
     * @param contenders each returns the figure of one run
     */
    List<Figures> run(List<Callable<Double>> contenders) throws Exception {
        List<List<Double>> figures = new ArrayList<>();
        for (Callable<Double> contender : contenders) {
            contender.call();
            figures.add(new ArrayList<>());
        }
        for (int round = 0; round < rounds; round++) {
            for (int i = 0; i < contenders.size(); i++) {
                figures.get(i).add(contenders.get(i).call());
            }
        }
        return figures.stream()
                .map(each -> new Figures(each.stream().sorted().toList()))
                .toList();
    }
}
