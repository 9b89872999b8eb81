package androidx.test.runner.intent;

/** https://developer.android.com/reference/androidx/test/runner/intent/IntentMonitor, monitor 1.1.0 */
public interface IntentMonitor {}
