package dev.squadron.cli.model;

import dev.squadron.cli.CliException;
import dev.squadron.cli.Console;
import dev.squadron.contracts.InvalidMessage;
import dev.squadron.seq2seq.Decoding;
import dev.squadron.seq2seq.Devices;
import dev.squadron.seq2seq.Execution;
import dev.squadron.seq2seq.Head;
import dev.squadron.seq2seq.Precision;
import dev.squadron.seq2seq.Seq2SeqModel;
import dev.squadron.seq2seq.Threads;
import dev.squadron.seq2seq.generation.Generated;
import dev.squadron.seq2seq.generation.GenerationConfig;
import dev.squadron.seq2seq.generation.Output;
import dev.squadron.text.hub.ModelDirectory;
import dev.squadron.text.prompt.ContextSpan;
import dev.squadron.text.prompt.QaPrompt;
import dev.squadron.text.tokenizer.Seq2SeqTokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/** A model in this process, for work without a stack. */
public final class LocalModel implements AutoCloseable {
    private static final int MAX_ANSWER_TOKENS = 64;

    private static final String PARAPHRASE = "Paraphrase the following question: ";

    private final Seq2SeqModel model;
    private final Seq2SeqTokenizer tokenizer;
    private final QaPrompt prompt;
    private final Head head;

    /** A question and its passage. */
    public record Question(String question, String context) {}

    /**
     * An answer.
     *
     * @param text what the model says; a quotation in the passage's own spelling
     * @param score the probability of the generated sequence
     * @param span where it stands in the passage
     * @param steps decoding steps that it took
     */
    public record Answer(String text, double score, Optional<ContextSpan> span, int steps) {}

    private LocalModel(Seq2SeqModel model, Seq2SeqTokenizer tokenizer, Head head) {
        this.model = model;
        this.tokenizer = tokenizer;
        this.prompt = QaPrompt.classic(tokenizer);
        this.head = head;
    }

    /**
     * Loads a model.
     *
     * @param nameOrPath its directory, {@code s3://bucket/key}, or its name on the hub
     * @param head a checkpoint's directory or its head's file; null: the model's own
     * @param precision in which numbers it computes
     * @param console is shown how a download goes on
     */
    public static LocalModel load(String nameOrPath, Path head, Precision precision, Console console) {
        ModelDirectory directory = ModelDownload.fetch(nameOrPath, console);
        Seq2SeqTokenizer tokenizer = Seq2SeqTokenizer.open(directory.path());
        TrainedModel trained = TrainedModel.open(directory.path(), head);
        Seq2SeqModel model = Seq2SeqModel.open(
                trained.config(),
                GenerationConfig.read(directory.path(), trained.config()),
                trained.weights(),
                new Execution(precision.suited(Devices.cpu()), Devices.cpu(), Threads.perCore()));
        return new LocalModel(
                model, tokenizer, trained.headFile().map(Head::read).orElse(model.pretrainedHead()));
    }

    /** Returns how the model's own configuration has it generate, with room for an answer. */
    public GenerationConfig rules() {
        return model.generationConfig().withMaxNewTokens(MAX_ANSWER_TOKENS);
    }

    /**
     * Answers questions, as many batches at a time as the machine has cores.
     *
     * @param batchSize questions of a batch
     * @param answered is told how many have been answered
     */
    public List<Answer> answer(List<Question> questions, Decoding how, int batchSize, IntConsumer answered) {
        List<QaPrompt.Input> inputs = questions.stream().map(this::input).toList();
        Answer[] answers = new Answer[inputs.size()];
        inBatches(
                inputs.stream().map(QaPrompt.Input::ids).toList(),
                batchSize,
                (batch, ids) -> {
                    List<List<Output>> outputs = model.answer(
                            ids,
                            batch.stream().map(i -> inputs.get(i).context()).toList(),
                            head,
                            how);
                    for (int i = 0; i < batch.size(); i++) {
                        answers[batch.get(i)] = answer(outputs.get(i).get(0), how.mode());
                    }
                },
                answered);
        return List.of(answers);
    }

    /**
     * Asks the model for other words for questions, by beam search.
     *
     * @param count texts for each question, the best first
     * @param batchSize questions of a batch
     * @param paraphrased is told how many have been dealt with
     */
    public List<List<String>> paraphrase(List<String> questions, int count, int batchSize, IntConsumer paraphrased) {
        GenerationConfig how = rules().toBuilder()
                .doSample(false)
                .numBeams(Math.max(2, count))
                .numReturnSequences(count)
                .build();
        List<List<String>> texts = new ArrayList<>(Collections.nCopies(questions.size(), List.of()));
        inBatches(
                questions.stream()
                        .map(question -> tokenizer.encode(PARAPHRASE + question).ids())
                        .toList(),
                batchSize,
                (batch, ids) -> {
                    List<List<Generated>> generated = model.generateSeveral(ids, head, how);
                    for (int i = 0; i < batch.size(); i++) {
                        texts.set(
                                batch.get(i),
                                generated.get(i).stream()
                                        .map(each -> tokenizer.decode(each.ids()))
                                        .toList());
                    }
                },
                paraphrased);
        return texts;
    }

    /** What is done to a batch: the places of its inputs among all, and the inputs. */
    private interface BatchWork {
        void on(List<Integer> places, int[][] ids);
    }

    /** Takes inputs of similar length together. */
    private static void inBatches(List<int[]> inputs, int batchSize, BatchWork work, IntConsumer told) {
        List<Integer> byLength = IntStream.range(0, inputs.size())
                .boxed()
                .sorted(Comparator.comparingInt(i -> inputs.get(i).length))
                .toList();
        AtomicInteger done = new AtomicInteger();
        List<Callable<Void>> batches = new ArrayList<>();
        for (int from = 0; from < byLength.size(); from += batchSize) {
            List<Integer> batch = byLength.subList(from, Math.min(from + batchSize, byLength.size()));
            batches.add(() -> {
                work.on(batch, batch.stream().map(inputs::get).toArray(int[][]::new));
                told.accept(done.addAndGet(batch.size()));
                return null;
            });
        }
        run(batches);
    }

    @Override
    public void close() {
        if (head != model.pretrainedHead()) {
            head.close();
        }
        model.close();
        tokenizer.close();
    }

    private Answer answer(Output output, Decoding.Mode mode) {
        String text = mode == Decoding.Mode.FREE
                ? tokenizer.decode(output.generated().ids())
                : output.span().map(ContextSpan::text).orElse("");
        return new Answer(
                text,
                output.generated().probability(),
                output.span(),
                output.generated().steps());
    }

    private QaPrompt.Input input(Question question) {
        try {
            return prompt.input(question.question(), question.context());
        } catch (InvalidMessage e) {
            throw new CliException("The question “" + question.question() + "” cannot be asked: " + e.getMessage(), e);
        }
    }

    /** TensorFlow's threads outlive no process in peace: one that is told to end waits for the batches under way. */
    private static void run(List<Callable<Void>> work) {
        ExecutorService lanes =
                Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
        Thread drain = new Thread(() -> stop(lanes));
        Runtime.getRuntime().addShutdownHook(drain);
        try {
            for (Future<Void> each : lanes.invokeAll(work)) {
                each.get();
            }
            Runtime.getRuntime().removeShutdownHook(drain);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CliException("Interrupted", e);
        } catch (ExecutionException e) {
            throw new CliException("The model failed: " + e.getCause().getMessage(), e.getCause());
        } finally {
            lanes.shutdown();
        }
    }

    private static void stop(ExecutorService lanes) {
        lanes.shutdownNow();
        try {
            if (!lanes.awaitTermination(30, TimeUnit.SECONDS)) {
                Runtime.getRuntime().halt(1);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
