package dev.squadron.trainer.domain.search;

import dev.squadron.contracts.run.SweepPlan;
import dev.squadron.contracts.run.SweepPlan.Search;
import java.util.ArrayList;
import java.util.List;

/**
 * A stage of a search: trials train to the end of an epoch, then the best go on. Successive halving has several of them (Jamieson
 * and Talwalkar, 2016), with the numbers of ASHA (Li et al., 2020): rung k ends after r·η^k epochs, the last one after R. A cut
 * waits for all trials of its rung, unlike ASHA's, so that what survives does not depend on who is faster.
 *
 * @param epochs that its trials have gone through at its end
 * @param survivors how many go on; of the last rung 1, the best of all
 */
public record Rung(int epochs, int survivors) {

    /**
     * Returns the rungs of a search.
     *
     * @param trials how many begin
     */
    public static List<Rung> of(SweepPlan plan, int trials) {
        if (plan.search() != Search.ASHA) {
            return List.of(new Rung(Integer.MAX_VALUE, 1));
        }
        List<Rung> rungs = new ArrayList<>();
        int left = trials;
        long epochs = plan.budget().minEpochs();
        while (epochs < plan.recipe().epochs() && left > 1) {
            left = Math.max(1, left / plan.budget().reduction());
            rungs.add(new Rung((int) epochs, left));
            epochs *= plan.budget().reduction();
        }
        rungs.add(new Rung(plan.recipe().epochs(), 1));
        return rungs;
    }
}
