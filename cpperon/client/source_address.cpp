#include "cpperon/client/source_address.hpp"

#include <arpa/inet.h>
#include <array>
#include <netinet/in.h>

#include <fmt/format.h>

namespace cpperon::client {

std::string source_address_text(const command::PublicationErrorEvent& event) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    switch (event.address_type) {
        case command::AddressType::ipv4:
            ::inet_ntop(AF_INET, event.source_address.data(), text.data(), text.size());
            return fmt::format("{}:{}", text.data(), event.source_port);
        case command::AddressType::ipv6:
            ::inet_ntop(AF_INET6, event.source_address.data(), text.data(), text.size());
            return fmt::format("[{}]:{}", text.data(), event.source_port);
        case command::AddressType::unknown: break;
    }
    return {};
}

}  // namespace cpperon::client
