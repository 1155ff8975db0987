package io.stria.nvmf;

import io.stria.nvme.ConnectData;
import io.stria.nvme.StatusCode;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What stands behind an NQN: what its controllers say of themselves, and what carries out the
 * commands of its IO queues. Owned by its target's reactor.
 */
public abstract class Subsystem {
    private final String nqn;
    private final List<Controller> controllers = new ArrayList<>();
    private final HostAssociations associations = new HostAssociations();
    private Predicate<HostIdentity> access = host -> true;
    private Authenticator.@Nullable Factory authentication;
    private int lastControllerId;

    protected Subsystem(String nqn) {
        if (nqn.isBlank() || nqn.length() > ConnectData.NQN_BYTES_MAX) {
            throw new IllegalArgumentException("not an NQN: \"" + nqn + "\"");
        }
        this.nqn = nqn;
    }

    public final String nqn() {
        return nqn;
    }

    /** Which hosts may connect from now on; without it, all. */
    public final void allowHosts(Predicate<HostIdentity> allowed) {
        access = allowed;
        for (Controller controller : List.copyOf(controllers)) {
            if (!allowed.test(controller.host())) {
                controller.end("is no longer allowed");
            }
        }
    }

    /** Hosts must authenticate on every queue before they can do anything else. */
    public final void authenticateHosts(Authenticator.Factory factory) {
        authentication = factory;
    }

    public final List<Controller> controllers() {
        return List.copyOf(controllers);
    }

    /** Commands of connections that have gone which devices have not finished yet. */
    public final int orphanedCommands() {
        return associations.orphans();
    }

    final boolean allows(HostIdentity host) {
        return access.test(host);
    }

    final Authenticator.@Nullable Factory authentication() {
        return authentication;
    }

    final HostAssociations associations() {
        return associations;
    }

    /** An id that no controller of this subsystem has, or 0 if there is none. */
    final int freeControllerId(ControllerIds ids) {
        int id = lastControllerId == 0 ? ids.start() : ids.after(lastControllerId);
        int first = id;
        while (controller(id) != null) {
            id = ids.after(id);
            if (id == first) {
                return 0;
            }
        }
        lastControllerId = id;
        return id;
    }

    final @Nullable Controller controller(int id) {
        for (Controller controller : controllers) {
            if (controller.id() == id) {
                return controller;
            }
        }
        return null;
    }

    final void attach(Controller controller) {
        controllers.add(controller);
    }

    final void detach(Controller controller) {
        controllers.remove(controller);
    }

    final void endAll(String reason) {
        controllers().forEach(controller -> controller.end(reason));
    }

    /** Tells every controller whose host wants to know. */
    final void raise(AsyncEvents.Kind event) {
        controllers().forEach(controller -> controller.events().raise(event));
    }

    /** Events that its controllers can report: OAES. */
    abstract int supportedEvents();

    /** Most IO queues that a controller has; 0 if there is no IO. */
    abstract int ioQueuesMax(TargetConfig config);

    /** Most data that one command moves: MDTS, which holds for admin commands too. */
    abstract int transferBytesMax();

    /** What carries out the commands of an IO queue that has been connected. */
    abstract CommandExecutor ioCommands(QueuePair queue);

    /**
     * True if a host has one association over one path: a new one means that it has given up the
     * one before.
     */
    abstract boolean hasOneAssociationPerPath();

    /** A controller without keep alive timer ends after this time without commands; 0: never. */
    abstract long idleTimeoutMs();

    /** Fills in Identify Controller; the memory is zero. */
    abstract void identifyController(Controller controller, MemorySegment data, long offset);

    /**
     * Any other Identify; the memory is zero.
     *
     * @return the command's status
     */
    abstract int identify(int cns, int nsid, int commandSet, MemorySegment data, long offset);

    /** Whether a log page can be that of this namespace; returns the command's status. */
    int checkLogNamespace(int page, int nsid) {
        return StatusCode.SUCCESS;
    }

    /** The whole log page, or null if there is no such page. */
    abstract @Nullable MemorySegment logPage(
            Arena arena, Controller controller, int page, int specific);
}
