#include "matcher/push/push_export.h"

#include <functional>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/matcher/push/push_world.h"

namespace gradmatch {
namespace {

struct ExportCase {
  std::string name;
  std::function<void(PushWorld&)> change;  // after the run
  std::string want_reason;                 // how it begins; empty: goes out
};
class PushExportTest : public testing::TestWithParam<ExportCase> {};

TEST_P(PushExportTest, LooksAgain) {
  InMemoryStore store;
  PushWorld world(store);
  world.PutPosting({.id = "p"});
  // Somebody who is told.
  int who = 0;
  while (HashRanker::ScoreOf("graduates/g" + std::to_string(who),
                             PushWorld::PostingNameOf("p")) < 0) {
    ++who;
  }
  ASSERT_EQ(who, 0);  // the cases below speak of g0
  world.PutGraduates(1);
  world.Run("r1", SmallPlan(1, 10));
  std::vector<v1::PushItem> items = world.Items("r1");
  ASSERT_EQ(items.size(), 1u);

  GetParam().change(world);
  ASSERT_TRUE(SuppressStale(*world.catalog, PushWorld::GraduateKeyOf,
                            world.clock.Now(), items)
                  .ok());
  const bool suppressed = !GetParam().want_reason.empty();
  EXPECT_EQ(items[0].state(), suppressed ? v1::PushItem::STATE_SUPPRESSED
                                         : v1::PushItem::STATE_INTENT);
  EXPECT_EQ(items[0].state_reason().substr(0, GetParam().want_reason.size()),
            GetParam().want_reason);
  // A view only: what is stored stays.
  EXPECT_EQ(world.Items("r1")[0].state(), v1::PushItem::STATE_INTENT);
}

void Prefer(PushWorld& world, const std::function<void(v1::Preferences&)>& f) {
  v1::Graduate graduate = GraduateNamed("g0");
  f(*graduate.mutable_preferences());
  world.PutGraduate(graduate);
}

INSTANTIATE_TEST_SUITE_P(
    Changes, PushExportTest,
    testing::ValuesIn<ExportCase>({
        {"Nothing", [](PushWorld&) {}, ""},
        {"Placed",
         [](PushWorld& w) {
           w.SetLifecycle(0, v1::Graduate::LIFECYCLE_PLACED);
         },
         "PLACED 已登记毕业去向"},
        {"PlacedAndBack",
         [](PushWorld& w) {
           w.SetLifecycle(0, v1::Graduate::LIFECYCLE_PLACED);
           w.SetLifecycle(0, v1::Graduate::LIFECYCLE_ACTIVE);
         },
         ""},
        {"OptedOut",
         [](PushWorld& w) {
           w.SetLifecycle(0, v1::Graduate::LIFECYCLE_OPTED_OUT);
         },
         "OPTED_OUT"},
        {"PushOff",
         [](PushWorld& w) { Prefer(w, [](auto& p) { p.set_push(false); }); },
         "PUSH_OFF"},
        {"PersonalisationOff",
         [](PushWorld& w) {
           Prefer(w, [](auto& p) { p.set_personalisation(false); });
         },
         "PERSONALISATION_OFF"},
        {"Closed",
         [](PushWorld& w) {
           w.PutPosting({.id = "p", .state = v1::Posting::STATE_CLOSED});
         },
         "POSTING_CLOSED"},
        {"Quarantined",
         [](PushWorld& w) {
           w.PutPosting({.id = "p", .state = v1::Posting::STATE_QUARANTINED});
         },
         "POSTING_QUARANTINED"},
        {"ItemTooOld",
         [](PushWorld& w) { w.clock.Advance(absl::Hours(24 * 14)); },
         "ITEM_EXPIRED"},
        {"PostingExpired",
         [](PushWorld& w) { w.clock.Advance(absl::Hours(24 * 31)); },
         "POSTING_CLOSED"},
    }),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace gradmatch
