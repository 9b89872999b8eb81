package androidx.test.runner.intent;

/** https://developer.android.com/reference/androidx/test/runner/intent/IntentMonitor */
public interface IntentMonitor {}
