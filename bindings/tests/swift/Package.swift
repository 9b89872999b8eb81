// swift-tools-version:6.0
import PackageDescription

// `Generated` is made by ./run: SwiftPM wants the module map beside its header, and each target in a folder of its own.
let package = Package(
    name: "BindingsTests",
    targets: [
        .systemLibrary(name: "LatchkeyFFI", path: "Generated/LatchkeyFFI"),
        // Async foreign traits need the language mode of Swift 5 (mozilla/uniffi-rs issue 2929).
        .target(
            name: "Latchkey", dependencies: ["LatchkeyFFI"], path: "Generated/Latchkey",
            swiftSettings: [.swiftLanguageMode(.v5)], linkerSettings: [.linkedLibrary("latchkey")]),
        .testTarget(name: "BindingsTests", dependencies: ["Latchkey"], path: "Tests"),
    ]
)
