#include "index/vault/sealed_flags.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "tests/fakes/temp_folder.h"

namespace gradmatch {
namespace {

const std::string kPerson(16, 'a');
const std::string kOther(16, 'b');

std::vector<SealedFlags> AllFlags() {
  std::vector<SealedFlags> all;
  for (const std::optional<bool> hardship :
       {std::optional<bool>(), std::optional(false), std::optional(true)}) {
    for (const std::optional<bool> disability :
         {std::optional<bool>(), std::optional(false), std::optional(true)}) {
      SealedFlags& flags = all.emplace_back();
      flags.hardship = hardship;
      flags.disability = disability;
    }
  }
  return all;
}

class SealedFlagsTest : public testing::Test {
 protected:
  SealedFlagsTest() {
    EXPECT_TRUE(NewSealKeyFile(path_).ok());
    keys_ = *SealKeys::Load(path_);
  }
  bool Opens(const v1::StoredSealed& sealed,
             const std::string& person = kPerson) {
    return UnsealFlags(sealed, person, *keys_).ok();
  }

  const TempFolder folder_;
  const std::string path_ = folder_ / "seal.key";
  std::optional<SealKeys> keys_;
};

TEST_F(SealedFlagsTest, ComesBackAsItWas) {
  for (const SealedFlags& flags : AllFlags()) {
    const auto back =
        UnsealFlags(SealFlags(flags, kPerson, *keys_), kPerson, *keys_);
    ASSERT_TRUE(back.ok()) << back.status();
    EXPECT_EQ(back->hardship, flags.hardship);
    EXPECT_EQ(back->disability, flags.disability);
    EXPECT_EQ(back->priority(), flags.hardship == std::optional(true) ||
                                    flags.disability == std::optional(true));
  }
}

TEST_F(SealedFlagsTest, ARecordLooksTheSameWhateverItSays) {
  std::set<size_t> sizes;
  std::set<std::string> ciphers;
  for (const SealedFlags& flags : AllFlags()) {
    const v1::StoredSealed sealed = SealFlags(flags, kPerson, *keys_);
    sizes.insert(sealed.ByteSizeLong());
    EXPECT_EQ(sealed.values_size(), 2);
    for (const auto& value : sealed.values()) ciphers.insert(value.sealed());
  }
  EXPECT_EQ(sizes.size(), 1);
  EXPECT_EQ(ciphers.size(), 18);  // never the same bytes twice
}

// Every bit of every part of what is stored, and every other place for it.
TEST_F(SealedFlagsTest, EveryFlippedBitIsRefused) {
  SealedFlags flags;
  flags.hardship = true;
  const v1::StoredSealed sealed = SealFlags(flags, kPerson, *keys_);
  ASSERT_TRUE(Opens(sealed));
  using Value = v1::StoredSealed::Value;
  int64_t flips = 0;
  for (int v = 0; v < 2; ++v) {
    for (std::string* (Value::*part)() :
         {&Value::mutable_field, &Value::mutable_algorithm,
          &Value::mutable_key_id, &Value::mutable_nonce,
          &Value::mutable_sealed}) {
      v1::StoredSealed changed = sealed;
      std::string& bytes = *(changed.mutable_values(v)->*part)();
      for (size_t i = 0; i < bytes.size(); ++i) {
        for (int bit = 0; bit < 8; ++bit) {
          bytes[i] ^= static_cast<char>(1 << bit);
          ASSERT_FALSE(Opens(changed)) << v << " " << i << " " << bit;
          bytes[i] ^= static_cast<char>(1 << bit);
          ++flips;
        }
      }
      ASSERT_TRUE(Opens(changed));
      bytes.pop_back();
      ASSERT_FALSE(Opens(changed));
    }
  }
  EXPECT_GT(flips, 1'000);
}

TEST_F(SealedFlagsTest, EverySwapIsRefused) {
  SealedFlags yes, no;
  yes.hardship = true;
  yes.disability = false;
  no.hardship = false;
  no.disability = true;
  const v1::StoredSealed mine = SealFlags(yes, kPerson, *keys_);
  const v1::StoredSealed theirs = SealFlags(no, kOther, *keys_);
  EXPECT_FALSE(Opens(mine, kOther));  // the whole record
  v1::StoredSealed swapped = mine;
  *swapped.mutable_values(0) = theirs.values(0);  // one value
  EXPECT_FALSE(Opens(swapped));
  swapped = mine;
  swapped.mutable_values()->SwapElements(0, 1);  // their order
  EXPECT_FALSE(Opens(swapped));
  swapped = mine;
  std::string cipher = swapped.values(0).sealed();  // bytes between fields
  swapped.mutable_values(0)->set_sealed(swapped.values(1).sealed());
  swapped.mutable_values(1)->set_sealed(cipher);
  std::string nonce = swapped.values(0).nonce();
  swapped.mutable_values(0)->set_nonce(swapped.values(1).nonce());
  swapped.mutable_values(1)->set_nonce(nonce);
  EXPECT_FALSE(Opens(swapped));
  swapped = mine;
  swapped.mutable_values()->RemoveLast();
  EXPECT_FALSE(Opens(swapped));
  swapped = mine;
  *swapped.add_values() = mine.values(0);
  EXPECT_FALSE(Opens(swapped));
}

TEST_F(SealedFlagsTest, AKeyThatIsNotThereIsSaidToBe) {
  const v1::StoredSealed sealed = SealFlags({}, kPerson, *keys_);
  ASSERT_TRUE(RotateSealKeyFile(path_).ok());
  EXPECT_TRUE(UnsealFlags(sealed, kPerson, *SealKeys::Load(path_)).ok());
  ASSERT_TRUE(PruneSealKeyFile(path_).ok());
  EXPECT_EQ(
      ReasonOf(UnsealFlags(sealed, kPerson, *SealKeys::Load(path_)).status()),
      kSealKeyMissing);
}

}  // namespace
}  // namespace gradmatch
