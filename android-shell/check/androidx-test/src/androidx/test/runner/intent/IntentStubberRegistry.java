package androidx.test.runner.intent;

/** https://developer.android.com/reference/androidx/test/runner/intent/IntentStubberRegistry, monitor 1.1.0 */
public final class IntentStubberRegistry {
    private IntentStubberRegistry() {}

    /** #isLoaded(), 1.1.0 */
    public static boolean isLoaded() {
        return false;
    }

    /** #getInstance(), 1.1.0 */
    public static IntentStubber getInstance() {
        throw new IllegalStateException("no stubber");
    }
}
