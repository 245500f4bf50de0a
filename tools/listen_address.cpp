#include "tools/listen_address.hpp"

#include <utility>

#include <fmt/format.h>

#include "cpperon/base/error.hpp"
#include "cpperon/uri/endpoint.hpp"

namespace cpperon::tools {

std::string ListenAddress::text(const std::uint16_t bound_port) const {
    return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, bound_port)
                                               : fmt::format("[{}]:{}", host, bound_port);
}

ListenAddress parse_listen_address(const std::string_view text) {
    if (const auto problem = check_endpoint(text)) {
        throw InvalidArgumentError{
            fmt::format("{}; write address:port, as 127.0.0.1:9464 or [::1]:9464", problem->message)};
    }
    uri::HostPort parsed = uri::try_parse_host_port("--listen", text).value_or_throw();
    return {.host = std::move(parsed.host), .port = parsed.port};
}

}  // namespace cpperon::tools
