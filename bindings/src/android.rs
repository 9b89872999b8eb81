//! What an Android app hands over before the first call that uses the network.
//!
//! The certificates that Android trusts can be reached through Java only, with the app's context. UniFFI cannot carry
//! one: this is a native method of its own. Kotlin has it as `org.latchkey.AndroidTrust.install` (android-shell/core).

use jni::EnvUnowned;
use jni::errors::ThrowRuntimeExAndDefault;
use jni::objects::{JClass, JObject};

/// `AndroidTrust.install(context)`: keeps the app's context for the verification of certificates. Calling it again
/// changes nothing. Throws a `RuntimeException` if Java has no class loader for the app.
#[unsafe(no_mangle)]
extern "system" fn Java_org_latchkey_AndroidTrust_install<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    context: JObject<'local>,
) {
    env.with_env(|env| rustls_platform_verifier::android::init_with_env(env, context))
        .resolve::<ThrowRuntimeExAndDefault>();
}
