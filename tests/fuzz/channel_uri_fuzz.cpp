// Fuzz target of everything that reads a channel URI: no crash, what is read prints and reads back as equal, and the
// driver's stricter reading accepts nothing that the plain one refuses. Built with -fsanitize=fuzzer. spec: 05 §2
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "cpperon/uri/channel_uri.hpp"
#include "cpperon/uri/channel_uri_builder.hpp"
#include "cpperon/uri/destination_params.hpp"
#include "cpperon/uri/endpoint.hpp"
#include "cpperon/uri/keys.hpp"
#include "cpperon/uri/publication_params.hpp"
#include "cpperon/uri/subscription_params.hpp"
#include "cpperon/uri/udp_channel_params.hpp"

namespace {

void require(const bool holds) {
    if (!holds) {
        std::abort();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace cpperon;

    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const uri::ChannelDefaults defaults;

    (void)channel_kind(text);
    (void)uri::try_parse_send_destination(text);
    (void)uri::try_parse_host_port(uri::key::endpoint, text);
    (void)uri::try_parse_interface(text);
    (void)uri::try_parse_flow_control(text);

    const Result<ChannelUri> parsed = ChannelUri::try_parse(text);
    require(parsed.has_value() || !ChannelUri::try_parse_for_driver(text).has_value());
    if (!parsed) {
        require(parsed.error().code == ErrorCode::invalid_channel);
        return 0;
    }
    const Result<ChannelUri> again = ChannelUri::try_parse(parsed->to_string());
    require(again.has_value() && again.value() == parsed.value());

    (void)uri::try_parse_udp_channel_params(*parsed);
    (void)uri::try_parse_subscription_params(*parsed, defaults);
    (void)uri::try_parse_image_params(*parsed, defaults);
    (void)ChannelUriBuilder(*parsed).validate();
    const auto publication = uri::try_parse_publication_params(*parsed, defaults, {});
    require(!publication || publication->publication_window_length <= publication->term_length / 2);
    return 0;
}
