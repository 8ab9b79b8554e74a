package dev.squadron.inference.config;

import dev.squadron.checkpoints.manifest.CheckpointStore;
import dev.squadron.checkpoints.store.ObjectStore;
import dev.squadron.inference.domain.Answering;
import dev.squadron.inference.domain.BatchLimits;
import dev.squadron.inference.domain.CheckpointHeads;
import dev.squadron.inference.domain.Decodings;
import dev.squadron.inference.domain.EventFeed;
import dev.squadron.inference.domain.EventFeed.Kind;
import dev.squadron.inference.domain.HeadRefused;
import dev.squadron.inference.domain.HeadSwap;
import dev.squadron.inference.domain.Inspection;
import dev.squadron.inference.domain.LiveHead;
import dev.squadron.inference.domain.QaLanguage;
import dev.squadron.inference.domain.ServingObserver;
import dev.squadron.kit.config.ModelSettings;
import dev.squadron.kit.store.ConfiguredModel;
import dev.squadron.seq2seq.Devices;
import dev.squadron.seq2seq.Execution;
import dev.squadron.seq2seq.Seq2SeqModel;
import dev.squadron.seq2seq.Threads;
import dev.squadron.text.hub.ModelDirectory;
import dev.squadron.text.prompt.QaPrompt;
import dev.squadron.text.tokenizer.Seq2SeqTokenizer;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.time.Clock;
import java.util.Optional;

/** Puts serving together from the settings. */
@ApplicationScoped
public class InferenceParts {

    @Produces
    @Singleton
    ModelDirectory directory(ConfiguredModel model) {
        return model.fetch(ModelDirectory.Need.WEIGHTS);
    }

    @Produces
    @Singleton
    Execution execution(InferenceSettings settings) {
        Threads threads = new Threads(1, settings.lanes());
        Devices devices = Devices.parse(settings.devices(), true).orCpu(threads);
        return new Execution(settings.precision().suited(devices), devices, threads);
    }

    @Produces
    @Singleton
    Seq2SeqModel model(ModelDirectory directory, Execution execution) {
        return Seq2SeqModel.load(directory.path(), execution);
    }

    void close(@Disposes Seq2SeqModel model) {
        model.close();
    }

    @Produces
    @Singleton
    Seq2SeqTokenizer tokenizer(ModelDirectory directory) {
        return Seq2SeqTokenizer.open(directory.path());
    }

    void close(@Disposes Seq2SeqTokenizer tokenizer) {
        tokenizer.close();
    }

    @Produces
    @Singleton
    QaLanguage language(Seq2SeqTokenizer tokenizer) {
        return new QaLanguage(QaPrompt.classic(tokenizer));
    }

    @Produces
    @Singleton
    Decodings decodings(Seq2SeqModel model, InferenceSettings settings) {
        return new Decodings(
                model.generationConfig().withMaxNewTokens(settings.answerTokens()), settings.mode(), settings.beams());
    }

    @Produces
    @Singleton
    CheckpointHeads heads(
            ObjectStore store,
            ModelDirectory directory,
            Seq2SeqModel model,
            Execution execution,
            QaLanguage language,
            Decodings decodings,
            InferenceSettings settings) {
        return new CheckpointHeads(
                new CheckpointStore(store, settings.cacheDirectory()),
                model,
                directory.path(),
                execution,
                language,
                decodings.of(decodings.mode()));
    }

    @Produces
    @Singleton
    LiveHead live(CheckpointHeads heads) throws HeadRefused, IOException {
        return new LiveHead(heads.load(Optional.empty()));
    }

    void close(@Disposes LiveHead live) {
        live.close();
    }

    @Produces
    @Singleton
    Inspection inspection(Seq2SeqModel model, QaLanguage language, LiveHead live) {
        return new Inspection(model, language, live);
    }

    @Produces
    @Singleton
    EventFeed feed() {
        return new EventFeed();
    }

    @Produces
    @Singleton
    HeadSwap swap(ModelSettings model, LiveHead live, CheckpointHeads heads, ServingObserver observer, EventFeed feed) {
        return new HeadSwap(
                ModelDirectory.nameOf(model.name()),
                live,
                heads,
                observer,
                state -> feed.add(Kind.MODEL, state.model(), state),
                Clock.systemUTC());
    }

    @Produces
    @Singleton
    Answering answering(QaLanguage language, LiveHead live, ServingObserver observer, InferenceSettings settings) {
        return new Answering(
                language,
                live,
                settings.lanes(),
                settings.queueCapacity(),
                new BatchLimits(settings.batchQuestions(), settings.batchTokens(), settings.batchSequences()),
                settings.deadline(),
                observer);
    }
}
