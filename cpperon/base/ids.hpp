/// Identities as distinct types, so that no call can swap them: `SessionId{42}`, `static_cast<std::int32_t>(id)`.
/// Public; used by client and driver alike. style §2
#pragma once

#include <cstdint>

namespace cpperon {

/// One publisher's flow within a stream.
enum class SessionId : std::int32_t {};

/// What a driver knows a resource by: the correlation id of the command that added it. Ids of images and of
/// destinations are of the same sequence. spec: 02 §2
enum class RegistrationId : std::int64_t {};

/// Index of a counter in the driver's counters file. spec: 01 §6
enum class CounterId : std::int32_t {};

/// Where no registration is meant. spec: 02 §2
inline constexpr RegistrationId null_registration_id{-1};

/// Where there is no counter: streams over IPC have no status indicator, for example.
inline constexpr CounterId no_counter{-1};

}  // namespace cpperon
