/// The address in a publication error as text. Used by the conductor. spec: 02 §4.2
#pragma once

#include <string>

#include "cpperon/command/events.hpp"

namespace cpperon::client {

/// `127.0.0.1:40123` or `[::1]:40123`; empty for an unknown kind of address.
[[nodiscard]] std::string source_address_text(const command::PublicationErrorEvent& event);

}  // namespace cpperon::client
