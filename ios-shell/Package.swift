// swift-tools-version:6.0
import PackageDescription

// On a Mac this package is what app and extension share; they themselves are targets of the Xcode project (xcode/project.yml),
// and the core comes packed by bindings/package/ios. Where there is no Xcode everything is a target here, over stubs that
// stand for Apple's frameworks, and check/run lays the core beside it: README.md says what that proves.
#if os(Linux)
let frameworks = ["UIKit", "AuthenticationServices", "CryptoKit", "LocalAuthentication", "AVFoundation", "Security", "Network"]
let needs: [String: [Target.Dependency]] = [
    "UIKit": [], "CryptoKit": [], "AuthenticationServices": ["UIKit", "CryptoKit"],
]
let packages: [Package.Dependency] = []
let core: Target.Dependency = "Latchkey"
let onlyHere: [Target] =
    frameworks.map {
        .target(name: $0, dependencies: needs[$0] ?? ["UIKit"], path: "check/stubs/\($0)")
    } + [
        .systemLibrary(name: "LatchkeyFFI", path: "Generated/LatchkeyFFI"),
        // Async foreign traits need the language mode of Swift 5 (mozilla/uniffi-rs issue 2929).
        .target(
            name: "Latchkey", dependencies: ["LatchkeyFFI"], path: "Generated/Latchkey",
            swiftSettings: [.swiftLanguageMode(.v5)], linkerSettings: [.linkedLibrary("latchkey")]),
        .target(name: "LatchkeyProvider", dependencies: ["LatchkeyPlatform"], path: "Sources/Extension"),
        .target(name: "LatchkeyApp", dependencies: ["LatchkeyPlatform"], path: "Sources/App"),
        // What docs/integrating-ios.md shows; check/run takes it out of there.
        .target(name: "Samples", dependencies: ["LatchkeyPlatform"], path: "Sources/Samples"),
        .testTarget(
            name: "ExtensionTests", dependencies: ["LatchkeyProvider", "LatchkeyApp", "Samples", "Support"],
            path: "Tests/Extension"),
        // check/run lays the stage of the tests of the bindings beside it.
        .testTarget(
            name: "StageTests", dependencies: ["Latchkey", "LatchkeyApp", "LatchkeyShell", "Support"], path: "Tests/Stage"),
    ]
#else
let frameworks: [String] = []
let packages: [Package.Dependency] = [.package(path: "../target/package/ios")]
let core: Target.Dependency = .product(name: "Latchkey", package: "ios")
let onlyHere: [Target] = []
#endif

let package = Package(
    name: "LatchkeyShell",
    platforms: [.iOS(.v17)],
    products: [
        .library(name: "LatchkeyShell", targets: ["LatchkeyShell"]),
        .library(name: "LatchkeyPlatform", targets: ["LatchkeyPlatform"]),
    ],
    dependencies: packages,
    targets: [
        .target(name: "LatchkeyShell", dependencies: [core], path: "Sources/Shell"),
        .target(
            name: "LatchkeyPlatform", dependencies: ["LatchkeyShell"] + frameworks.map { .byName(name: $0) },
            path: "Sources/Platform"),
        .target(name: "Support", dependencies: ["LatchkeyShell"], path: "Tests/Support"),
        .testTarget(name: "ShellTests", dependencies: ["LatchkeyShell", "Support"], path: "Tests/Shell"),
    ] + onlyHere
)
