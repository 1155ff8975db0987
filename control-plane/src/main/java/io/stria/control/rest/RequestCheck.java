package io.stria.control.rest;

import org.jspecify.annotations.Nullable;

/** Checks a request's body against the API's description, beyond what the code reads of it. */
interface RequestCheck {
    /** Null if the body of a POST to this path fits, else a sentence for who sent it. */
    @Nullable String refusal(String path, byte[] body);
}
