#include "cpperon/driver/name_resolution/csv_name_resolver.hpp"

#include <cstring>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/base/error.hpp"
#include "cpperon/driver/test_counters.hpp"
#include "cpperon/net/simulated_name_resolver.hpp"

namespace cpperon::driver {
namespace {

using testing::HasSubstr;

const net::SocketAddress address_1 = *net::SocketAddress::try_parse("10.0.0.1", 0);
const net::SocketAddress address_2 = *net::SocketAddress::try_parse("10.0.0.2", 0);

class CsvNameResolverTest : public testing::Test {
protected:
    CsvNameResolverTest() {
        system_.set("host1", address_1);
        system_.set("host2", address_2);
    }

    [[nodiscard]] static Result<net::SocketAddress> resolve(CsvNameResolver& resolver, const std::string_view host) {
        return resolver.resolve("endpoint", host, false);
    }

    TestCounters counters_;
    net::SimulatedNameResolver system_;
};

// spec: 06-C59
TEST_F(CsvNameResolverTest, CounterOfARowSaysWhatItsNameStandsFor) {
    CsvNameResolver resolver{"server,host1,host2", system_, counters_.manager};
    shm::AtomicCounter operation = counters_.manager.counter(0);

    EXPECT_EQ(resolve(resolver, "server").value(), address_1);
    operation.set_release(1);
    EXPECT_EQ(resolve(resolver, "server").value(), address_2);
    operation.set_release(-1);
    const auto refused = resolve(resolver, "server");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::unknown_host);
    EXPECT_THAT(refused.error().message, HasSubstr("Unable to resolve host=(server)"));
    operation.set_release(0);
    EXPECT_EQ(resolve(resolver, "server").value(), address_1);
}

TEST_F(CsvNameResolverTest, CountersTellTheirRows) {
    const CsvNameResolver resolver{"server,host1,host2|other,a,b", system_, counters_.manager};
    const CountersReader& reader = counters_.reader();

    EXPECT_EQ(reader.type_id(0), 2'001);
    EXPECT_EQ(reader.label(0), "NameEntry{name='server', initialResolutionHost='host1', reResolutionHost='host2'}");
    EXPECT_EQ(reader.label(1), "NameEntry{name='other', initialResolutionHost='a', reResolutionHost='b'}");
    const CounterKey key = reader.key(0);
    std::int32_t length = 0;
    std::memcpy(&length, key.data(), sizeof length);
    EXPECT_EQ(length, 6);
    EXPECT_EQ(std::memcmp(key.data() + 4, "server\0", 7), 0);
}

TEST_F(CsvNameResolverTest, HostsOfTheTableMayBeAddresses) {
    CsvNameResolver resolver{"server,192.0.2.7,fd00::7", system_, counters_.manager};

    EXPECT_EQ(resolve(resolver, "server").value().to_string(), "192.0.2.7:0");
    counters_.manager.counter(0).set_release(1);
    EXPECT_EQ(resolve(resolver, "server").value().to_string(), "[fd00::7]:0");
    EXPECT_EQ(system_.resolutions(), 0U);
}

TEST_F(CsvNameResolverTest, LeavesOtherNamesToTheSystem) {
    CsvNameResolver resolver{"server,host1,host2", system_, counters_.manager};

    EXPECT_EQ(resolve(resolver, "host2").value(), address_2);
    EXPECT_EQ(resolve(resolver, "nowhere").error().code, ErrorCode::unknown_host);
    EXPECT_EQ(resolver.lookup("endpoint", "server:1", false), "server:1");
    EXPECT_EQ(resolver.name(), "csv_table");
}

TEST_F(CsvNameResolverTest, RefusesATableThatIsMissingOrMalformed) {
    for (const char* const table :
         {"", "a", "a,b", "a,,c", ",b,c", "a,b,", "a,b,c,d", "a,b,c,", "a,b,c||d,e,f", "a,b,c|d", "a,b,c|a,d,e"}) {
        EXPECT_THROW(CsvNameResolver(table, system_, counters_.manager), InvalidArgumentError) << table;
    }
    EXPECT_NO_THROW(CsvNameResolver("a,b,c|d,e,f|", system_, counters_.manager));
}

TEST_F(CsvNameResolverTest, CountersGoWithTheResolver) {
    { const CsvNameResolver resolver{"server,host1,host2", system_, counters_.manager}; }

    EXPECT_EQ(counters_.reader().state(0), CounterState::reclaimed);
}

}  // namespace
}  // namespace cpperon::driver
