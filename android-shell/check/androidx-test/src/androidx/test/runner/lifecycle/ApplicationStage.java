package androidx.test.runner.lifecycle;

/** https://developer.android.com/reference/androidx/test/runner/lifecycle/ApplicationStage */
public enum ApplicationStage {
    PRE_ON_CREATE, CREATED
}
