/// Where the figures of a benchmark come from: the machine, the system, the compiler. Used by every benchmark.
#pragma once

#include <string>
#include <string_view>
#include <sys/utsname.h>
#include <thread>

#include <nlohmann/json.hpp>

#include "cpperon/base/version.hpp"

namespace cpperon::bench {

#if defined(__clang__)
inline constexpr std::string_view compiler = "clang " __clang_version__;
#else
inline constexpr std::string_view compiler = "gcc " __VERSION__;
#endif
#if defined(NDEBUG)
inline constexpr bool has_assertions = false;
#else
inline constexpr bool has_assertions = true;
#endif

[[nodiscard]] inline nlohmann::json describe_machine() {
    utsname system{};
    ::uname(&system);
    nlohmann::json machine;
    machine["kernel"] = std::string{system.sysname} + " " + system.release;
    machine["machine"] = system.machine;
    machine["processors"] = std::thread::hardware_concurrency();
    machine["compiler"] = compiler;
    machine["assertions"] = has_assertions;
    machine["commit"] = build_commit();
    return machine;
}

}  // namespace cpperon::bench
