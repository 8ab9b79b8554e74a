package dev.squadron.cli.model;

import dev.squadron.cli.CliException;
import dev.squadron.cli.Console;
import dev.squadron.contracts.InvalidMessage;
import dev.squadron.seq2seq.Head;
import dev.squadron.seq2seq.Seq2SeqModel;
import dev.squadron.seq2seq.Threads;
import dev.squadron.seq2seq.generation.Generated;
import dev.squadron.text.hub.ModelDirectory;
import dev.squadron.text.prompt.QaPrompt;
import dev.squadron.text.tokenizer.Seq2SeqTokenizer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
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
    private static final int BATCH = 16;
    private static final int MAX_ANSWER_TOKENS = 64;

    private final Seq2SeqModel model;
    private final Seq2SeqTokenizer tokenizer;
    private final QaPrompt prompt;
    private final Head head;

    /** A question and its passage. */
    public record Question(String question, String context) {}

    /**
     * An answer.
     *
     * @param text what the model says
     * @param score the probability of the generated sequence
     */
    public record Answer(String text, double score) {}

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
     * @param console is shown how a download goes on
     */
    public static LocalModel load(String nameOrPath, Path head, Console console) {
        ModelDirectory directory = ModelDownload.fetch(nameOrPath, console);
        Seq2SeqTokenizer tokenizer = Seq2SeqTokenizer.open(directory.path());
        Seq2SeqModel model = Seq2SeqModel.load(directory.path(), Threads.perCore());
        if (head == null) {
            return new LocalModel(model, tokenizer, model.pretrainedHead());
        }
        Path file = Files.isDirectory(head) ? head.resolve("lm_head.safetensors") : head;
        if (!Files.exists(file)) {
            throw new CliException(
                    "There is no head " + file + "; name a checkpoint's folder or its lm_head.safetensors.");
        }
        return new LocalModel(model, tokenizer, Head.read(file));
    }

    /**
     * Answers questions, as many batches at a time as the machine has cores.
     *
     * @param answered is told how many have been answered
     */
    public List<Answer> answer(List<Question> questions, IntConsumer answered) {
        int[][] inputs = questions.stream().map(this::input).toArray(int[][]::new);
        List<Integer> byLength = IntStream.range(0, inputs.length)
                .boxed()
                .sorted(Comparator.comparingInt(i -> inputs[i].length))
                .toList();
        Answer[] answers = new Answer[inputs.length];
        AtomicInteger done = new AtomicInteger();
        List<Callable<Void>> work = new ArrayList<>();
        for (int from = 0; from < byLength.size(); from += BATCH) {
            List<Integer> batch = byLength.subList(from, Math.min(from + BATCH, byLength.size()));
            work.add(() -> {
                List<Generated> generated = model.generate(
                        batch.stream().map(i -> inputs[i]).toArray(int[][]::new),
                        head,
                        model.generationConfig().withMaxNewTokens(MAX_ANSWER_TOKENS));
                for (int i = 0; i < batch.size(); i++) {
                    answers[batch.get(i)] = new Answer(
                            tokenizer.decode(generated.get(i).ids()),
                            generated.get(i).probability());
                }
                answered.accept(done.addAndGet(batch.size()));
                return null;
            });
        }
        run(work);
        return List.of(answers);
    }

    @Override
    public void close() {
        if (head != model.pretrainedHead()) {
            head.close();
        }
        model.close();
        tokenizer.close();
    }

    private int[] input(Question question) {
        try {
            return prompt.input(question.question(), question.context()).ids();
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
