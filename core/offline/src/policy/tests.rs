use super::*;

const ALL: [Setting; 7] = [
    Setting::Length,
    Setting::Count,
    Setting::ValidDays,
    Setting::DisplaySecs,
    Setting::PromptThresholdPct,
    Setting::MaxFailures,
    Setting::Window,
];

fn with(setting: Setting, value: u16) -> Settings {
    let mut settings = Settings::default();
    match setting {
        Setting::Length => settings.length = value,
        Setting::Count => settings.count = value,
        Setting::ValidDays => settings.valid_days = value,
        Setting::DisplaySecs => settings.display_secs = value,
        Setting::PromptThresholdPct => settings.prompt_threshold_pct = value,
        Setting::MaxFailures => settings.max_failures = value,
        Setting::Window => settings.window = Some(value),
    }
    settings
}

#[test]
fn offline_mode_is_off_by_default() {
    let policy = OfflinePolicy::default();
    assert_eq!(OfflinePolicy::new(Settings::default()), Ok(policy));
    assert_eq!(policy.permits(Protection::Tpm), Err(OfflineError::Disabled));
    assert_eq!(policy.settings().length, 8);
}

#[test]
fn every_setting_is_bounded_on_both_sides() {
    for setting in ALL {
        let (low, high) = setting.bounds().into_inner();
        for value in [low, high] {
            assert!(OfflinePolicy::new(with(setting, value)).is_ok(), "{setting:?} {value}");
        }
        for value in [low.checked_sub(1), Some(high + 1), Some(u16::MAX)].into_iter().flatten() {
            assert_eq!(
                OfflinePolicy::new(with(setting, value)),
                Err(OfflineError::OutOfBounds { setting, value: value.into() })
            );
        }
    }
}

#[test]
fn without_a_tpm_pins_are_longer() {
    for length in 6..=13 {
        let policy = OfflinePolicy::new(Settings { enabled: true, ..with(Setting::Length, length) }).unwrap();
        assert_eq!(policy.permits(Protection::Tpm), Ok(()));
        let expected =
            if length < 10 { Err(OfflineError::TooShortWithoutTpm { minimum: 10 }) } else { Ok(()) };
        assert_eq!(policy.permits(Protection::None), expected, "{length}");
    }
}

#[test]
fn an_error_names_the_setting_and_its_bounds() {
    let error = OfflinePolicy::new(with(Setting::Count, 9)).unwrap_err();
    assert_eq!(error.to_string(), "Count is 9, outside 10..=100");
}
