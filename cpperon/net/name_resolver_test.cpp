#include "cpperon/net/name_resolver.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/net/name_resolver_test_support.hpp"

namespace cpperon::net {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(ResolveHostPort, TakesLiteralAddressesWithoutAskingTheResolver) {
    TableNameResolver resolver;

    EXPECT_EQ(resolve_host_port(resolver, "endpoint", "10.1.2.3:40011", false).value(), address_of("10.1.2.3", 40'011));
    EXPECT_EQ(resolve_host_port(resolver, "endpoint", "[::1%lo]:0x9c4b", false).value(), address_of("::1", 40'011));
    EXPECT_THAT(resolver.asked, IsEmpty());
}

TEST(ResolveHostPort, AsksTheResolverForNamesAndKeepsThePortOfTheText) {
    TableNameResolver resolver;
    resolver.hosts["peer"] = address_of("192.0.2.9", 9);

    EXPECT_EQ(resolve_host_port(resolver, "control", "peer:7", true).value(), address_of("192.0.2.9", 7));
    EXPECT_THAT(resolver.asked, ElementsAre("control=peer again"));
}

TEST(ResolveHostPort, LooksTheWholeTextUpFirst) {
    TableNameResolver resolver;
    resolver.lookups["service"] = "localhost:7";

    EXPECT_EQ(resolve_host_port(resolver, "endpoint", "service", false).value(), address_of("127.0.0.1", 7));
}

// spec: 05-C8
TEST(ResolveHostPort, TellsWhatDidNotResolve) {
    TableNameResolver resolver;
    resolver.lookups["service"] = "nowhere:7";

    const ErrorInfo unknown = resolve_host_port(resolver, "endpoint", "service", false).error();
    const ErrorInfo no_port = resolve_host_port(resolver, "endpoint", "localhost", false).error();

    EXPECT_EQ(unknown.code, ErrorCode::unknown_host);
    EXPECT_THAT(unknown.message, HasSubstr("Unable to resolve host=(nowhere)"));
    EXPECT_THAT(unknown.message, HasSubstr("Unresolved - endpoint=service, name-and-port=nowhere:7"));
    EXPECT_EQ(no_port.code, ErrorCode::generic_error);
    EXPECT_THAT(no_port.message, HasSubstr("port invalid: ''"));
}

TEST(SystemNameResolver, ResolvesLocalhostToALoopbackAddress) {
    SystemNameResolver resolver;

    const Result<SocketAddress> address = resolver.resolve("endpoint", "localhost", false);

    ASSERT_TRUE(address) << address.error().message;
    EXPECT_TRUE(address->is_loopback());
    EXPECT_EQ(address->port(), 0);
    EXPECT_EQ(resolver.lookup("endpoint", "a:1", false), "a:1");
}

TEST(SystemNameResolver, FallsBackToIpv6) {
    SystemNameResolver resolver;

    EXPECT_EQ(resolver.resolve("endpoint", "::1", false).value(), address_of("::1"));
}

TEST(SystemNameResolver, SaysThatAnEmptyOrUnknownNameIsUnknown) {
    SystemNameResolver resolver;

    for (const std::string_view host : {"", "no such host"}) {
        const ErrorInfo error = resolver.resolve("endpoint", host, false).error();
        EXPECT_EQ(error.code, ErrorCode::unknown_host);
        EXPECT_THAT(error.message, HasSubstr(fmt::format("Unable to resolve host=({})", host)));
    }
}

}  // namespace
}  // namespace cpperon::net
