package dev.squadron.kit.config;

import dev.squadron.contracts.Spelling;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.ConfigMappings;
import io.smallrye.config.ConfigMappings.ConfigClass;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.spi.BeanManager;
import jakarta.inject.Singleton;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Refuses to start on a {@code SQUADRON_} environment variable that no setting has: MicroProfile Config would pass over a
 * misspelt one in silence. Variables of the other services are left alone, since a deployment may give one set to all.
 */
@Singleton
public class UnknownVariables {
    private static final String PREFIX = "SQUADRON_";

    /** What follows the prefix: the groups of settings that some service has, and the variables of the command line. */
    private static final Set<String> GROUPS =
            Set.of("INGEST", "TOKENIZER", "TRAINER", "INFERENCE", "STORE", "MODEL", "HOME", "JAVA");

    void check(@Observes @Priority(1) StartupEvent start, BeanManager beans) {
        List<String> settings = beans.getBeans(Object.class, Any.Literal.INSTANCE).stream()
                .flatMap(bean -> bean.getTypes().stream())
                .filter(type -> type instanceof Class<?> mapping && mapping.isAnnotationPresent(ConfigMapping.class))
                .distinct()
                .flatMap(type ->
                        ConfigMappings.getProperties(ConfigClass.configClass((Class<?>) type)).keySet().stream())
                .map(UnknownVariables::variable)
                .toList();
        List<String> problems = problems(System.getenv().keySet(), settings);
        if (!problems.isEmpty()) {
            throw new IllegalStateException(String.join(" ", problems));
        }
    }

    /**
     * Returns a sentence for each variable that nobody reads, with the nearest one that somebody does.
     *
     * @param variables the environment
     * @param settings what this service reads, as variables
     */
    static List<String> problems(Collection<String> variables, Collection<String> settings) {
        Set<String> own = settings.stream().map(UnknownVariables::group).collect(Collectors.toSet());
        return variables.stream()
                .filter(name -> name.startsWith(PREFIX) && !settings.contains(name))
                .filter(name -> own.contains(group(name)) || !GROUPS.contains(group(name)))
                .sorted()
                .map(name -> "The environment variable " + name + " is no setting of Squadron; did you mean "
                        + Spelling.nearest(name, settings).orElse("a variable of another service") + "?")
                .toList();
    }

    private static String group(String variable) {
        return variable.split("_", 3)[1];
    }

    private static String variable(String property) {
        return property.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT);
    }
}
