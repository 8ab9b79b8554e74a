package dev.squadron.trainer.domain;

import dev.squadron.seq2seq.Seq2SeqModel;
import dev.squadron.text.prompt.QaPrompt;
import dev.squadron.text.tokenizer.Seq2SeqTokenizer;
import dev.squadron.trainer.domain.features.FeatureBackbones;
import java.nio.file.Path;
import java.util.Map;

/**
 * The model that a trainer works with.
 *
 * @param directory where its files lie
 * @param revision the hub's commit; null for a directory
 * @param model backbone and head, in fp32
 * @param backbones the backbone in other precisions, for features
 * @param tokenizer its tokenizer
 * @param prompt makes its inputs and labels
 * @param configFiles the files beside the weights that belong into a checkpoint, by name
 */
public record LoadedModel(
        Path directory,
        String revision,
        Seq2SeqModel model,
        FeatureBackbones backbones,
        Seq2SeqTokenizer tokenizer,
        QaPrompt prompt,
        Map<String, Path> configFiles)
        implements AutoCloseable {

    @Override
    public void close() {
        backbones.close();
        model.close();
        tokenizer.close();
    }
}
