package dev.squadron.seq2seq;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.squadron.contracts.safetensors.TensorView;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.StreamSupport;

/** Weights of which some are others than those of the model's files, as after training. */
public final class ChangedWeights implements Weights {
    private final Weights base;
    private final SortedMap<String, Supplier<TensorView>> changed;

    /** @param changed gives, by name, what stands in the place of the files' tensor or beside them; asked each time */
    public ChangedWeights(Weights base, Map<String, Supplier<TensorView>> changed) {
        this.base = base;
        this.changed = new TreeMap<>(changed);
    }

    @Override
    public boolean has(String name) {
        return changed.containsKey(name) || base.has(name);
    }

    @Override
    public TensorView tensor(String name, long... shape) {
        Supplier<TensorView> change = changed.get(name);
        if (change == null) {
            return base.tensor(name, shape);
        }
        TensorView tensor = change.get();
        List<Long> wanted = Arrays.stream(shape).boxed().toList();
        if (!tensor.shape().equals(wanted)) {
            throw new ModelException("The tensor " + name + " was changed to the shape " + tensor.shape()
                    + " and config.json asks for " + wanted + "; they belong to different models.");
        }
        return tensor;
    }

    @Override
    public void require(Iterable<String> names) {
        base.require(StreamSupport.stream(names.spliterator(), false)
                .filter(name -> !changed.containsKey(name))
                .toList());
    }

    /** Returns the SHA-256 of the list of the base's SHA-256 and the changed tensors' names and SHA-256. */
    @Override
    public String sha256() {
        try {
            MessageDigest all = MessageDigest.getInstance("SHA-256");
            all.update((base.sha256() + "\n").getBytes(UTF_8));
            MessageDigest one = MessageDigest.getInstance("SHA-256");
            changed.forEach((name, change) -> {
                one.update(change.get().data());
                all.update((name + " " + HexFormat.of().formatHex(one.digest()) + "\n").getBytes(UTF_8));
            });
            return HexFormat.of().formatHex(all.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }
}
