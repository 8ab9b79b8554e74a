package dev.squadron.contracts.run;

import static dev.squadron.contracts.run.Fault.require;

import dev.squadron.contracts.checkpoint.CheckpointRef;
import dev.squadron.contracts.checkpoint.Manifest.PartitionRange;
import java.util.List;
import java.util.Objects;

/**
 * What a run of continuous training folds into a head: with the run's data set and recipe, all that its outcome is a function of.
 *
 * @param streams the data sets that new examples come from; they need no end
 * @param parent what was live when the fold was asked for, and what training starts from; null: the model's own head
 * @param fresh where the new examples stand in the token batches
 * @param learned where those stand that earlier folds have taught the parent
 * @param replay least share of what is learned from that is old: of the run's data set, and what earlier folds taught
 * @param gate what the head must not lose to go live
 * @param admitted what the gate said; null before, and where another head had gone live meanwhile
 */
public record Fold(
        List<String> streams,
        CheckpointRef parent,
        List<PartitionRange> fresh,
        List<PartitionRange> learned,
        Double replay,
        Gate gate,
        Boolean admitted) {
    public Fold {
        streams = List.copyOf(streams);
        fresh = List.copyOf(fresh);
        learned = List.copyOf(learned);
        replay = Objects.requireNonNullElse(replay, 0.75);
        require(replay >= 0 && replay < 1, "replay", replay, "at least 0, below 1");
    }

    /** Returns the same with what the gate said. */
    public Fold judged(Boolean verdict) {
        return new Fold(streams, parent, fresh, learned, replay, gate, verdict);
    }

    /** Returns the id of the checkpoint that training starts from; null: the model's own head. */
    public String parentId() {
        return parent == null ? null : parent.id();
    }
}
