package dev.squadron.seq2seq.graph;

import java.util.LinkedHashMap;
import java.util.Map;
import org.tensorflow.Operand;
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

    private Variable variable(String name) {
        Variable variable = variables.get(name);
        if (variable == null) {
            throw new IllegalArgumentException("There is no variable " + name);
        }
        return variable;
    }
}
