package io.stria.node.cluster;

import java.io.IOException;
import java.net.UnknownHostException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** Why files or other machines could not be read or written, in words for a person. */
public final class IoReason {
    private IoReason() {}

    /** Part of a sentence, with the file where that is known. */
    public static String of(IOException e) {
        return switch (e) {
            case NoSuchFileException missing -> missing.getFile() + " does not exist";
            case AccessDeniedException denied -> "access to " + denied.getFile() + " is denied";
            case FileSystemException other when other.getReason() != null ->
                    other.getFile() == null
                            ? String.valueOf(other.getReason())
                            : other.getFile() + ": " + other.getReason();
            case UnknownHostException unknown ->
                    "the host " + unknown.getMessage() + " is not known";
            default -> e.getMessage() == null ? e.toString() : e.getMessage();
        };
    }
}
