package androidx.test.runner.intent;

/** https://developer.android.com/reference/androidx/test/runner/intent/IntentStubberRegistry */
public final class IntentStubberRegistry {
    private IntentStubberRegistry() {}

    public static boolean isLoaded() {
        return false;
    }

    public static IntentStubber getInstance() {
        throw new IllegalStateException("no stubber");
    }
}
