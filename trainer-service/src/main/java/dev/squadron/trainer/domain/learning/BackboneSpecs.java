package dev.squadron.trainer.domain.learning;

import dev.squadron.contracts.run.Lora;
import dev.squadron.contracts.run.Recipe;
import dev.squadron.seq2seq.Devices;
import dev.squadron.seq2seq.Precision;
import dev.squadron.seq2seq.lora.LoraConfig;
import dev.squadron.seq2seq.training.backbone.Accumulation;
import dev.squadron.seq2seq.training.backbone.Accumulation.Weighting;
import dev.squadron.seq2seq.training.backbone.BackboneSpec;
import dev.squadron.seq2seq.training.backbone.Tuning;
import java.util.TreeSet;

/** From a recipe that tunes more than the head to the model's way of training. */
public final class BackboneSpecs {
    private BackboneSpecs() {}

    /** Returns how the model is trained on {@code devices}. */
    public static BackboneSpec of(Recipe recipe, Devices devices) {
        return new BackboneSpec(
                tuning(recipe),
                OptimizerSpecs.of(recipe.optimizer()),
                recipe.dropout(),
                recipe.labelSmoothing(),
                new Accumulation(
                        recipe.accumulation().steps(),
                        switch (recipe.accumulation().weighting()) {
                            case TOKENS -> Weighting.TOKENS;
                            case MEANS -> Weighting.MEANS;
                        }),
                precision(recipe).suited(devices),
                devices,
                recipe.seed());
    }

    /** Returns in what the backbone computes. */
    public static Precision precision(Recipe recipe) {
        return switch (recipe.precision()) {
            case FP32 -> Precision.FP32;
            case BF16 -> Precision.BF16;
            case FP16 -> Precision.FP16;
        };
    }

    private static Tuning tuning(Recipe recipe) {
        return switch (recipe.tune()) {
            case LORA -> new Tuning.Lora(lora(recipe.lora()));
            case LAST_N_BLOCKS -> new Tuning.LastBlocks(recipe.lastBlocks());
            case FULL -> new Tuning.Full();
            case HEAD -> throw new IllegalArgumentException("The head is learned over stored features");
        };
    }

    private static LoraConfig lora(Lora lora) {
        return new LoraConfig(lora.rank(), lora.alpha(), lora.dropout(), new TreeSet<>(lora.targetModules()));
    }
}
