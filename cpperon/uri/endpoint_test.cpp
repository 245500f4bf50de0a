#include "cpperon/uri/endpoint.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cpperon::uri {
namespace {

using testing::HasSubstr;

std::string host_port_error(const std::string_view text) {
    const Result<HostPort> address = try_parse_host_port("endpoint", text);
    if (address) {
        return "no error";
    }
    EXPECT_EQ(address.error().code, ErrorCode::generic_error);
    EXPECT_THAT(address.error().message, HasSubstr("endpoint=" + std::string(text)));
    return address.error().message;
}

std::string interface_error(const std::string_view text) {
    const Result<InterfaceSpec> interface = try_parse_interface(text);
    if (interface) {
        return "no error";
    }
    EXPECT_EQ(interface.error().code, ErrorCode::generic_error);
    EXPECT_THAT(interface.error().message, HasSubstr("could not parse interface='" + std::string(text) + "'"));
    return interface.error().message;
}

struct Parts {
    std::string_view host;
    std::uint16_t port;
    bool is_ipv6;
};

TEST(HostPort, IsTakenApartInEveryForm) {
    const std::initializer_list<std::pair<std::string_view, Parts>> cases{
        {"localhost:40001", {"localhost", 40'001, false}},
        {"192.168.0.1:20000", {"192.168.0.1", 20'000, false}},
        {"localhost:0", {"localhost", 0, false}},
        {"localhost:65535", {"localhost", 65'535, false}},
        {"localhost:0x9c4b", {"localhost", 40'011, false}},
        {"localhost:020000", {"localhost", 8'192, false}},
        {"[::1]:40011", {"::1", 40'011, true}},
        {"[::1%lo]:40013", {"::1", 40'013, true}},
        {":40015", {"", 40'015, false}},
        {"::1:40012", {"::1", 40'012, false}},
        {"[oops:1", {"[oops", 1, false}},
        {"256.1.1.1:40015", {"256.1.1.1", 40'015, false}},
    };
    for (const auto& [text, parts] : cases) {
        const Result<HostPort> address = try_parse_host_port("endpoint", text);
        ASSERT_TRUE(address) << text;
        EXPECT_EQ(address.value(), (HostPort{.text = std::string(text),
                                             .host = std::string(parts.host),
                                             .port = parts.port,
                                             .is_ipv6 = parts.is_ipv6}))
            << text;
    }
}

TEST(HostPort, RefusalsNameWhatIsWrong) {
    for (const std::string_view text : {"localhost", "localhost:", "localhost:abc", "localhost:12345678", "[::1]",
                                        "[::1]:", "localhost:80x", "localhost:08080", ""}) {
        EXPECT_THAT(host_port_error(text), HasSubstr("port invalid")) << text;
    }
    for (const std::string_view text : {"localhost:65536", "localhost:-1", "[::1]:9999999"}) {
        EXPECT_THAT(host_port_error(text), HasSubstr("port out of range")) << text;
    }
    for (const std::string_view text : {"::1]:1", "a[b:1", "]a[:1", "a[::1]:1", "[::1]x:1", "[::1]x"}) {
        EXPECT_THAT(host_port_error(text), HasSubstr("host address invalid")) << text;
    }
    EXPECT_EQ(host_port_error(std::string(383, 'h') + ":1"), "no error");
    EXPECT_THAT(host_port_error(std::string(384, 'h') + ":1"), HasSubstr("host address invalid"));
}

TEST(InterfaceSpec, IsTakenApartInEveryForm) {
    const auto parsed = [](const std::string_view text) {
        Result<InterfaceSpec> interface = try_parse_interface(text);
        EXPECT_TRUE(interface) << text;
        return interface ? std::move(interface).value() : InterfaceSpec{};
    };

    EXPECT_EQ(parsed("localhost"), (InterfaceSpec{.text = "localhost", .host = "localhost"}));
    EXPECT_EQ(parsed("127.0.0.0/8"), (InterfaceSpec{.text = "127.0.0.0/8", .host = "127.0.0.0", .prefix_length = 8}));
    EXPECT_EQ(parsed("127.0.0.1/"), (InterfaceSpec{.text = "127.0.0.1/", .host = "127.0.0.1", .prefix_length = 32}));
    EXPECT_EQ(parsed("0.0.0.0:40455/0"),
              (InterfaceSpec{.text = "0.0.0.0:40455/0", .host = "0.0.0.0", .port = 40'455, .prefix_length = 0}));
    EXPECT_EQ(parsed("[::1]"), (InterfaceSpec{.text = "[::1]", .host = "::1", .is_ipv6 = true, .prefix_length = 128}));
    EXPECT_EQ(
        parsed("[::1]:40455/64"),
        (InterfaceSpec{.text = "[::1]:40455/64", .host = "::1", .is_ipv6 = true, .port = 40'455, .prefix_length = 64}));
    EXPECT_EQ(parsed("[::1]/48"),
              (InterfaceSpec{.text = "[::1]/48", .host = "::1", .is_ipv6 = true, .prefix_length = 48}));
    EXPECT_EQ(parsed("{lo}"), (InterfaceSpec{.text = "{lo}", .host = "lo", .is_by_name = true}));
    EXPECT_EQ(parsed("{lo}:40455"),
              (InterfaceSpec{.text = "{lo}:40455", .host = "lo", .is_by_name = true, .port = 40'455}));
}

TEST(InterfaceSpec, RefusalsNameWhatIsWrong) {
    EXPECT_THAT(interface_error("127.0.0.1/33"), HasSubstr("prefixlen out of range"));
    EXPECT_THAT(interface_error("127.0.0.1/-1"), HasSubstr("prefixlen out of range"));
    EXPECT_THAT(interface_error("127.0.0.1/x"), HasSubstr("prefixlen out of range"));
    EXPECT_THAT(interface_error("[::1]/129"), HasSubstr("prefixlen out of range"));
    EXPECT_THAT(interface_error("127.0.0.1:"), HasSubstr("port invalid"));
    EXPECT_THAT(interface_error("127.0.0.1:/24"), HasSubstr("port invalid"));
    EXPECT_THAT(interface_error("{lo}:x"), HasSubstr("port invalid"));
    EXPECT_THAT(interface_error("{lo}:"), HasSubstr("port invalid"));
    EXPECT_THAT(interface_error("{lo}:123456"), HasSubstr("port invalid"));
    EXPECT_THAT(interface_error("{lo}40455"), HasSubstr("only ':' and a port may follow '}'"));
    EXPECT_THAT(interface_error("{lo"), HasSubstr("'}' is missing"));
    EXPECT_THAT(interface_error("{}"), HasSubstr("name length 0 out of bounds"));
    EXPECT_EQ(interface_error("{fifteen-letters}"), "no error");
    EXPECT_THAT(interface_error("{sixteen--letters}"), HasSubstr("name length 16 out of bounds"));
}

std::string fault_of(const std::string_view endpoint) {
    const std::optional<ErrorInfo> error = check_endpoint(endpoint);
    return error ? error->message : "";
}

// spec: 07 §A.4
TEST(Endpoint, OfAProgramIsAHostAndAPort) {
    for (const std::string_view endpoint : {"localhost:40123", "10.0.0.1:0", "node-7.example.org:65535", "[::1]:1",
                                            "[fd00::7:1]:40123", "[::ffff:10.0.0.1]:9", "A:00080", "[FE80::a]:5"}) {
        EXPECT_EQ(fault_of(endpoint), "");
        EXPECT_NO_THROW(validate_endpoint(endpoint)) << endpoint;
    }
}

TEST(Endpoint, OfAProgramIsNothingElse) {
    const std::initializer_list<std::pair<std::string_view, std::string_view>> cases{
        {"", "a ':' and a port are missing"},
        {"localhost", "a ':' and a port are missing"},
        {":40123", "the host is missing"},
        {"localhost:", "the port must be digits"},
        {"localhost:x", "the port must be digits"},
        {"localhost:0x50", "the port must be digits"},
        {"localhost:-1", "the port must be digits"},
        {"localhost:+1", "the port must be digits"},
        {"localhost: 1", "the port must be digits"},
        {"localhost:65536", "the port is above 65535"},
        {"localhost:100000", "the port is above 65535"},
        {"localhost:4294967297", "the port is above 65535"},
        {"local host:1", "the host may have"},
        {"local_host:1", "the host may have"},
        {"a?b=c:1", "the host may have"},
        {"a|b:1", "the host may have"},
        {"a/b:1", "the host may have"},
        {"a=b:1", "the host may have"},
        {"::1:40012", "the host may have"},
        {"\xc3\xa4:1", "the host may have"},
        {"[::1:1", "no IPv6 address"},
        {"[]:1", "no IPv6 address"},
        {"[localhost]:1", "no IPv6 address"},
        {"[::1%lo]:1", "no IPv6 address"},
        {"[::1]x:1", "no IPv6 address"},
        {"[::1]", "no IPv6 address"},
        {"x[::1]:1", "the host may have"},
    };
    for (const auto& [endpoint, fault] : cases) {
        EXPECT_THAT(fault_of(endpoint), HasSubstr(std::string(fault))) << endpoint;
        EXPECT_THAT(fault_of(endpoint), HasSubstr("'" + std::string(endpoint) + "'"));
        EXPECT_THROW(validate_endpoint(endpoint), InvalidArgumentError) << endpoint;
    }
}

}  // namespace
}  // namespace cpperon::uri
