package dev.squadron.trainer.domain.learning;

import dev.squadron.contracts.run.Recipe;
import dev.squadron.contracts.run.Recipe.Keep;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Weights of earlier epochs that a recipe may come back to: the best, or the last few, whose mean becomes the result. */
public final class Snapshots {
    private static final String BEST = "best.safetensors";
    private static final String EPOCH = "epoch-%06d.safetensors";

    private final Recipe recipe;
    private final Path folder;
    private final Map<String, Path> files = new TreeMap<>();

    /** @param folder for the files; made when needed */
    public Snapshots(Recipe recipe, Path folder) {
        this.recipe = recipe;
        this.folder = folder;
    }

    /** Takes over what was saved with a state, by name; other files are passed over. */
    public void restore(Map<String, Path> saved) {
        saved.forEach((name, file) -> {
            if (name.equals(BEST) || name.matches("epoch-\\d+\\.safetensors")) {
                try {
                    Files.createDirectories(folder);
                    files.put(name, Files.copy(file, folder.resolve(name), StandardCopyOption.REPLACE_EXISTING));
                } catch (IOException e) {
                    throw new UncheckedIOException("The snapshot " + file + " cannot be kept in " + folder, e);
                }
            }
        });
    }

    /** Keeps the weights, which are the best so far, if the recipe may come back to them. */
    public void onBest(Learner learner) {
        if (recipe.keep() == Keep.BEST) {
            write(BEST, learner);
        }
    }

    /** Keeps the weights at the end of {@code epoch}, if the recipe averages those of several epochs. */
    public void onEpoch(int epoch, Learner learner) {
        if (recipe.averageLast() > 1) {
            write(EPOCH.formatted(epoch), learner);
            files.keySet().remove(EPOCH.formatted(epoch - recipe.averageLast()));
        }
    }

    /** Gives {@code learner} the weights that the run comes to: the best, the mean of the last ones, or those it has. */
    public void conclude(Learner learner) {
        if (files.isEmpty()) {
            return;
        }
        try {
            learner.loadWeights(List.copyOf(files.values()));
        } catch (IOException e) {
            throw new UncheckedIOException("The snapshots in " + folder + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** Returns the files that must be saved with a state, by name. */
    public Map<String, Path> files() {
        return Map.copyOf(files);
    }

    private void write(String name, Learner learner) {
        try {
            Files.createDirectories(folder);
            Path file = folder.resolve(name);
            learner.saveWeights(file);
            files.put(name, file);
        } catch (IOException e) {
            throw new UncheckedIOException("The snapshot " + name + " cannot be written to " + folder, e);
        }
    }
}
