package io.stria.perf.coding;

import io.stria.perf.peers.PeerMissingException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/** A shared library that is measured, and its functions; never one of Stria's. */
@SuppressWarnings("restricted")
final class NativeLibrary {
    private final String file;
    private final String debianPackage;
    private final SymbolLookup symbols;

    NativeLibrary(String file, String debianPackage) throws PeerMissingException {
        this.file = file;
        this.debianPackage = debianPackage;
        try {
            this.symbols = SymbolLookup.libraryLookup(file, Arena.global());
        } catch (IllegalArgumentException e) {
            throw new PeerMissingException(file + " is in Debian's package " + debianPackage);
        }
    }

    /**
     * A function that neither blocks nor calls back, so that a call costs next to nothing more than
     * one from C.
     */
    MethodHandle function(String name, @Nullable MemoryLayout result, MemoryLayout... parameters)
            throws PeerMissingException {
        FunctionDescriptor descriptor =
                result == null
                        ? FunctionDescriptor.ofVoid(parameters)
                        : FunctionDescriptor.of(result, parameters);
        return Linker.nativeLinker()
                .downcallHandle(
                        symbols.find(name)
                                .orElseThrow(() ->
                                        new PeerMissingException(
                                                "%s of package %s has no %s"
                                                        .formatted(file, debianPackage, name))),
                        descriptor,
                        Linker.Option.critical(false));
    }

    /** What a method handle throws is never the library's. */
    static AssertionError unexpected(Throwable thrown) {
        return new AssertionError("a native call threw", thrown);
    }
}
