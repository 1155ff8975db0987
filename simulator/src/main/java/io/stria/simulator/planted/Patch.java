package io.stria.simulator.planted;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.Instruction;
import java.lang.classfile.Opcode;
import java.lang.classfile.TypeKind;
import java.lang.classfile.instruction.BranchInstruction;
import java.lang.classfile.instruction.ConstantInstruction;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * What a method does instead of what stands in its source. Made anew for each method that is
 * patched, since some count what they have seen.
 */
abstract class Patch {
    /**
     * Looks at one element of the method's code; true when it has put something in its place, false
     * when it leaves it as it is.
     */
    abstract boolean take(CodeBuilder to, CodeElement element, MethodTypeDesc method);

    private boolean done;

    /** Whether there was anything in the method to change. */
    final boolean isDone() {
        return done;
    }

    final void done() {
        done = true;
    }

    /** The whole method: returns this at once. */
    static Supplier<Patch> returns(Object constant) {
        return begins(code -> code.loadConstant(loadable(constant)), true);
    }

    /** The whole method: nothing. */
    static Supplier<Patch> doesNothing() {
        return begins(code -> {}, true);
    }

    /** Before anything else the method does this. */
    static Supplier<Patch> begins(Consumer<CodeBuilder> with) {
        return begins(with, false);
    }

    private static Supplier<Patch> begins(Consumer<CodeBuilder> with, boolean returns) {
        return () ->
                new Patch() {
                    private boolean begun;

                    @Override
                    boolean take(CodeBuilder to, CodeElement element, MethodTypeDesc method) {
                        if (!begun && element instanceof Instruction) {
                            begun = true;
                            done();
                            with.accept(to);
                            if (returns) {
                                to.return_(TypeKind.from(method.returnType()));
                            }
                        }
                        return returns; // and nothing else of it
                    }
                };
    }

    /** A call of this name within the method is not made, and gives this. */
    static Supplier<Patch> call(String name, Object gives) {
        return insteadOfCall(name, code -> code.loadConstant(loadable(gives)));
    }

    /** A call of this name within the method is not made, whatever it would give is dropped. */
    static Supplier<Patch> noCall(String name) {
        return insteadOfCall(name, code -> {});
    }

    /** In place of a call of this name; its arguments are gone from the stack. */
    static Supplier<Patch> insteadOfCall(String name, Consumer<CodeBuilder> code) {
        return () ->
                new Patch() {
                    @Override
                    boolean take(CodeBuilder to, CodeElement element, MethodTypeDesc method) {
                        if (element instanceof InvokeInstruction call
                                && call.name().equalsString(name)) {
                            done();
                            List<ClassDesc> parameters = call.typeSymbol().parameterList();
                            for (ClassDesc parameter : parameters.reversed()) {
                                pop(to, TypeKind.from(parameter));
                            }
                            if (call.opcode() != Opcode.INVOKESTATIC) {
                                to.pop();
                            }
                            code.accept(to);
                            return true;
                        }
                        return false;
                    }
                };
    }

    private static void pop(CodeBuilder to, TypeKind kind) {
        if (kind.slotSize() == 2) {
            to.pop2();
        } else {
            to.pop();
        }
    }

    /** The field reads as this within the method. */
    static Supplier<Patch> field(String name, Object gives) {
        return () ->
                new Patch() {
                    @Override
                    boolean take(CodeBuilder to, CodeElement element, MethodTypeDesc method) {
                        if (element instanceof FieldInstruction read
                                && read.opcode() == Opcode.GETFIELD
                                && read.name().equalsString(name)) {
                            done();
                            to.pop().loadConstant(loadable(gives));
                            return true;
                        }
                        return false;
                    }
                };
    }

    /** Another field of the same object is read within the method. */
    static Supplier<Patch> reads(String other, String insteadOf) {
        return () ->
                new Patch() {
                    @Override
                    boolean take(CodeBuilder to, CodeElement element, MethodTypeDesc method) {
                        if (element instanceof FieldInstruction read
                                && (read.opcode() == Opcode.GETFIELD
                                        || read.opcode() == Opcode.GETSTATIC)
                                && read.name().equalsString(insteadOf)) {
                            done();
                            to.fieldAccess(
                                    read.opcode(),
                                    read.owner().asSymbol(),
                                    other,
                                    read.typeSymbol());
                            return true;
                        }
                        return false;
                    }
                };
    }

    /** The field is not set within the method. */
    static Supplier<Patch> noSet(String name) {
        return () ->
                new Patch() {
                    @Override
                    boolean take(CodeBuilder to, CodeElement element, MethodTypeDesc method) {
                        if (element instanceof FieldInstruction write
                                && write.opcode() == Opcode.PUTFIELD
                                && write.name().equalsString(name)) {
                            done();
                            pop(to, TypeKind.from(write.typeSymbol()));
                            to.pop();
                            return true;
                        }
                        return false;
                    }
                };
    }

    /** A constant is another one; the how-maniest of its value, from 0. */
    static Supplier<Patch> constant(Object from, int nth, Object to) {
        return constant(from, nth, code -> code.loadConstant(loadable(to)));
    }

    /** In place of a constant; the how-maniest of its value, from 0. */
    static Supplier<Patch> constant(Object from, int nth, Consumer<CodeBuilder> with) {
        return () ->
                new Patch() {
                    private int seen;

                    @Override
                    boolean take(CodeBuilder to, CodeElement element, MethodTypeDesc method) {
                        if (element instanceof ConstantInstruction load
                                && load.constantValue().equals(loadable(from))
                                && seen++ == nth) {
                            done();
                            with.accept(to);
                            return true;
                        }
                        return false;
                    }
                };
    }

    /** A conditional jump, the how-maniest from 0, is never taken: the code goes on behind it. */
    static Supplier<Patch> noJump(int nth) {
        return jump(nth, false);
    }

    /** A conditional jump, the how-maniest from 0, is always taken. */
    static Supplier<Patch> jump(int nth) {
        return jump(nth, true);
    }

    private static Supplier<Patch> jump(int nth, boolean taken) {
        return () ->
                new Patch() {
                    private int seen;

                    @Override
                    boolean take(CodeBuilder to, CodeElement element, MethodTypeDesc method) {
                        if (element instanceof BranchInstruction branch
                                && branch.opcode() != Opcode.GOTO
                                && branch.opcode() != Opcode.GOTO_W
                                && seen++ == nth) {
                            done();
                            if (branch.opcode().name().startsWith("IF_")) {
                                to.pop2();
                            } else {
                                to.pop();
                            }
                            if (taken) {
                                to.goto_(branch.target());
                            }
                            return true;
                        }
                        return false;
                    }
                };
    }

    private static ConstantDesc loadable(Object constant) {
        return constant instanceof Boolean truth ? (truth ? 1 : 0) : (ConstantDesc) constant;
    }
}
