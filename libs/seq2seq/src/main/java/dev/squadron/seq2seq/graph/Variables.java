package dev.squadron.seq2seq.graph;

import dev.squadron.contracts.safetensors.TensorView;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.AssignVariableOp;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.VarHandleOp;
import org.tensorflow.types.TFloat32;

/**
 * Variables of a graph by name. Weights live in resource variables: as constants they would be copied into the graph, slowly,
 * and could not exceed 2 GB.
 */
public final class Variables {
    private record Variable(
            long[] shape,
            VarHandleOp handle,
            Operand<TFloat32> value,
            Placeholder<TFloat32> fed,
            AssignVariableOp assign) {}

    private static final long GROUP_ELEMENTS = 1 << 24;

    private final Ops tf;
    private final Map<String, Variable> variables = new LinkedHashMap<>();

    /** Makes variables in the graph of {@code tf}. */
    public Variables(Ops tf) {
        this.tf = tf;
    }

    /** Declares a variable, unless it is declared already. */
    public void declare(String name, long... shape) {
        variables.computeIfAbsent(name, key -> {
            VarHandleOp handle = tf.varHandleOp(TFloat32.class, Shape.of(shape), VarHandleOp.sharedName(key));
            Placeholder<TFloat32> fed = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(shape)));
            return new Variable(
                    shape, handle, tf.readVariableOp(handle, TFloat32.class), fed, tf.assignVariableOp(handle, fed));
        });
    }

    /** Returns the shapes of the declared variables by name, in the order in which they were declared. */
    public Map<String, long[]> shapes() {
        Map<String, long[]> shapes = new LinkedHashMap<>();
        variables.forEach((name, variable) -> shapes.put(name, variable.shape()));
        return shapes;
    }

    /** Returns the value of a declared variable. */
    public Operand<TFloat32> value(String name) {
        return variable(name).value();
    }

    /** Returns the handle of a declared variable, for operations that change or gather from it. */
    public VarHandleOp handle(String name) {
        return variable(name).handle();
    }

    /** Gives a variable its value in {@code session}. */
    public void assign(Session session, String name, TFloat32 value) {
        Variable variable = variable(name);
        session.runner()
                .feed(variable.fed(), value)
                .addTarget(variable.assign())
                .run()
                .close();
    }

    /** Returns the value that a variable has in {@code session}; the caller closes it. */
    public TFloat32 read(Session session, String name) {
        return (TFloat32) session.runner().fetch(variable(name).value()).run().get(0);
    }

    /**
     * Gives variables their values in {@code session}, several in a run: a first run costs as much as the whole graph is large.
     *
     * @param values is asked once for each name, in order
     */
    public void assign(Session session, Collection<String> names, Function<String, TFloat32> values) {
        for (List<String> group : groups(names)) {
            Session.Runner runner = session.runner();
            List<TFloat32> fed = new ArrayList<>();
            try {
                for (String name : group) {
                    fed.add(values.apply(name));
                    runner.feed(variable(name).fed(), fed.get(fed.size() - 1))
                            .addTarget(variable(name).assign());
                }
                runner.run().close();
            } finally {
                fed.forEach(TFloat32::close);
            }
        }
    }

    /**
     * Returns a way to the values that variables have in {@code session}. It is cheap where they are asked for in the order of
     * {@code names}: then several are read in a run, and kept until the next such run.
     */
    public Function<String, TensorView> reader(Session session, Collection<String> names) {
        Map<String, List<String>> groupOf = new HashMap<>();
        groups(names).forEach(group -> group.forEach(name -> groupOf.put(name, group)));
        Map<String, TensorView> kept = new HashMap<>();
        return name -> {
            if (!kept.containsKey(name)) {
                kept.clear();
                List<String> group = groupOf.get(name);
                Session.Runner runner = session.runner();
                group.forEach(each -> runner.fetch(variable(each).value()));
                try (Result values = runner.run()) {
                    for (int i = 0; i < group.size(); i++) {
                        kept.put(group.get(i), Tensors.view(group.get(i), (TFloat32) values.get(i)));
                    }
                }
            }
            return kept.get(name);
        };
    }

    /** Divides names into runs whose tensors are not too large together. */
    private List<List<String>> groups(Collection<String> names) {
        List<List<String>> groups = new ArrayList<>();
        long room = 0;
        for (String name : names) {
            long elements = Arrays.stream(variable(name).shape()).reduce(1, Math::multiplyExact);
            if (elements > room) {
                groups.add(new ArrayList<>());
                room = GROUP_ELEMENTS;
            }
            groups.get(groups.size() - 1).add(name);
            room -= elements;
        }
        return groups;
    }

    private Variable variable(String name) {
        Variable variable = variables.get(name);
        if (variable == null) {
            throw new IllegalArgumentException("There is no variable " + name);
        }
        return variable;
    }
}
