// The bytes of the chain are a format: hashes outlive binaries.

#include "index/vault/audit_chain.h"

#include <gtest/gtest.h>

#include "absl/strings/escaping.h"
#include "index/vault/sodium.h"

namespace gradmatch {
namespace {

v1::AuditEntry Entry() {
  v1::AuditEntry entry;
  entry.set_sequence(1);
  entry.mutable_time()->set_seconds(1'700'000'000);
  entry.mutable_time()->set_nanos(123'456'000);
  entry.set_principal("local");
  entry.set_role("operator");
  entry.set_method("StaffService.GetStaffDigest");
  entry.set_resource("staff/s1");
  entry.set_purpose("回访");
  entry.set_result("ALLOWED");
  return entry;
}

// Computed once with another implementation (Python's hashlib) from the grammar
// in the header.
TEST(AuditChainTest, HashIsPinned) {
  EXPECT_EQ(absl::BytesToHexString(ChainHash(FirstChainHash(), Entry())),
            "f7520e7948e4c34d233b906876c21f91ddc3eeceea4dd9a46286c7e84470e1ee");
}

TEST(AuditChainTest, EveryFieldCounts) {
  const std::string whole = ChainHash(FirstChainHash(), Entry());
  const auto changed = [&](auto change) {
    v1::AuditEntry entry = Entry();
    change(entry);
    return ChainHash(FirstChainHash(), entry) != whole;
  };
  using E = v1::AuditEntry;
  EXPECT_TRUE(changed([](E& e) { e.set_sequence(2); }));
  EXPECT_TRUE(changed([](E& e) { e.mutable_time()->set_nanos(123'457'000); }));
  EXPECT_TRUE(changed([](E& e) { e.mutable_time()->set_nanos(123'456'001); }));
  EXPECT_TRUE(changed([](E& e) { e.set_principal("locaI"); }));
  EXPECT_TRUE(changed([](E& e) { e.set_role("staff"); }));
  EXPECT_TRUE(changed([](E& e) { e.set_method("StaffService.GetStaff"); }));
  EXPECT_TRUE(changed([](E& e) { e.set_resource("staff/s2"); }));
  EXPECT_TRUE(changed([](E& e) { e.clear_purpose(); }));
  EXPECT_TRUE(changed([](E& e) { e.set_result("NOT_FOUND"); }));
  // A word that moves from one field into the next.
  EXPECT_TRUE(changed([](E& e) {
    e.set_principal("localoperator");
    e.clear_role();
  }));
  EXPECT_NE(ChainHash(std::string(32, '\1'), Entry()), whole);
}

TEST(AuditChainTest, AnchorsAreReadAsWritten) {
  const AuditAnchor anchor{42, Sha256("x")};
  const auto read = ParseAnchor(FormatAnchor(anchor));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->sequence, 42);
  EXPECT_EQ(read->hash, anchor.hash);
  for (const char* bad : {"", ":", "42", "42:", "42:00", "x:00", "42:zz"}) {
    EXPECT_FALSE(ParseAnchor(bad).has_value()) << bad;
  }
}

}  // namespace
}  // namespace gradmatch
