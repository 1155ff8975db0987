package io.stria.node.supervise;

import io.stria.node.cluster.ClusterException;

/** Nobody runs the cluster on this machine, or whoever does gives no answer. */
public final class NoSupervisorException extends ClusterException {
    private static final long serialVersionUID = 1L;

    NoSupervisorException(String sentence) {
        super(sentence);
    }

    NoSupervisorException(String sentence, Throwable cause) {
        super(sentence, cause);
    }
}
