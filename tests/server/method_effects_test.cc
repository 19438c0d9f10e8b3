// Every method of the API says whether it is refused while the disk is nearly
// full: one that is not listed would be, and what people have a right to never
// is.
#include "server/method_effects.h"

#include "gtest/gtest.h"
#include "tests/server/any_call.h"

namespace gradmatch {
namespace {

TEST(MethodEffectsTest, EveryMethodIsListed) {
  int grows = 0;
  for (const auto* method : AllMethods()) {
    const auto effect = EffectOf(ShortName(*method));
    EXPECT_TRUE(effect.has_value())
        << ShortName(*method) << " is not in server/method_effects.cc";
    grows += effect == MethodEffect::kGrows;
    // Names tell what there is no choice about.
    const std::string& name = method->name();
    for (const char* reads : {"Get", "List", "Match", "Search", "Explain"}) {
      if (name.rfind(reads, 0) == 0) {
        EXPECT_EQ(effect, MethodEffect::kReads) << name;
      }
    }
    for (const char* grow : {"Sync", "Import"}) {
      if (name.rfind(grow, 0) == 0) {
        EXPECT_EQ(effect, MethodEffect::kGrows) << name;
      }
    }
    if (name.rfind("Delete", 0) == 0) {
      EXPECT_EQ(effect, MethodEffect::kAlways) << name;
    }
  }
  EXPECT_GT(grows, 15);
}

TEST(MethodEffectsTest, WhatPeopleHaveARightToIsNeverRefused) {
  for (const char* method :
       {"GraduateService.EraseGraduate", "GraduateService.UpdatePreferences",
        "GraduateService.DeleteTag", "GraduateService.ReportPlacement",
        "GraduateService.RevokePlacement", "GraduateService.FreezeGraduate",
        "GraduateService.UnfreezeGraduate",
        "GraduateService.DeleteSealedFlags"}) {
    EXPECT_EQ(EffectOf(method), MethodEffect::kAlways) << method;
  }
}

TEST(MethodEffectsTest, AnUnknownMethodIsNotListed) {
  EXPECT_FALSE(EffectOf("PostingService.NoSuchMethod").has_value());
}

}  // namespace
}  // namespace gradmatch
