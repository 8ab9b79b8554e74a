package dev.squadron.seq2seq.training.backbone;

import java.util.Locale;
import java.util.regex.Pattern;

/** Which weights decay: all but biases and norms, told by their names as transformers' Trainer does. */
final class WeightDecay {
    private static final Pattern STAYS = Pattern.compile("bias|layernorm|rmsnorm|(^|\\.)norm($|\\.)|_norm($|\\.)");

    private WeightDecay() {}

    static boolean concerns(String weight) {
        return !STAYS.matcher(weight.toLowerCase(Locale.ROOT)).find();
    }
}
