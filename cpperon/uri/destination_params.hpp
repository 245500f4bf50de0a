/// What a URI must be to name a destination of a publication or of a subscription. Used by the driver's conductor; pure
/// functions. spec: 05 §9
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cpperon/base/result.hpp"
#include "cpperon/uri/channel_uri.hpp"

namespace cpperon::uri {

/// A destination that a publication sends to. Everything else in its URI is ignored.
struct SendDestinationParams {
    std::string endpoint;  ///< as spelled, perhaps without a port: what cannot be resolved is retried, it is no error
};

/// Reads the text of a command that adds or removes a destination of a publication. Errors have the codes and the order
/// of spec 05 §9.1, checks 4 to 9; 1 to 3 are about the publication.
[[nodiscard]] Result<SendDestinationParams> try_parse_send_destination(std::string_view channel);

/// The keys a UDP destination may not have, code `invalid_channel`; for one of a subscription to be checked after its
/// channel-level parameters were read and the subscription was found. spec: 05 §9.2
[[nodiscard]] std::optional<ErrorInfo> check_destination_keys(const ChannelUri& uri);

}  // namespace cpperon::uri
