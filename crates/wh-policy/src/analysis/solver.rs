//! The search for a request: which questions to answer how, so that all clauses hold and every
//! component can be what is asked of it.
//!
//! Conflict-driven: what was learned from a dead end is kept as a clause (Marques-Silva and Sakallah,
//! "GRASP", 1996), and components are asked as soon as something is said of them. Only questions
//! that some clause needs are answered, so a request is never made longer than it has to be. Once a
//! request is known, only shorter ones are looked for.

use std::collections::{BTreeMap, HashSet};

use super::clauses::Clauses;
use super::formula::Literal;
use super::space::{Component, Field};
use super::theory::{Cost, Theory, Value, Verdict};

/// What the literals that hold say of each component.
type Asked = BTreeMap<Component, Vec<Literal>>;

/// What the search has come to.
#[derive(Debug)]
pub(super) enum Outcome {
    /// A request.
    Model(Model),
    /// There is no other, and none that is shorter than the bound.
    Nothing,
    /// The steps ran out.
    Exhausted,
}

/// A request, as far as the clauses ask for anything.
#[derive(Debug)]
pub(super) struct Model {
    pub(super) cost: Cost,
    pub(super) values: BTreeMap<Component, Value>,
    pub(super) asked: Asked,
    /// What was assumed of things that cannot be told.
    pub(super) assumed: Vec<Literal>,
}

/// What is known of a variable.
#[derive(Debug, Clone, Copy)]
struct Assigned {
    holds: bool,
    level: usize,
    /// The clause that left no choice; a free choice has none.
    reason: Option<usize>,
}

/// The search.
#[derive(Debug)]
pub(super) struct Solver<'s, 'a> {
    theory: Theory<'s, 'a>,
    clauses: Vec<Vec<Literal>>,
    /// The clauses from here on were learned.
    given: usize,
    questions: usize,
    assigned: Vec<Option<Assigned>>,
    /// For each literal, the clauses that hold it.
    occurs: BTreeMap<Literal, Vec<usize>>,
    trail: Vec<Literal>,
    /// How much of the trail has been followed up.
    followed: usize,
    level: usize,
    bound: Option<Cost>,
    /// Why parts of the search were given up.
    pub(super) unclear: Option<String>,
    pub(super) steps: usize,
    impossible: bool,
}

/// A clause none of whose literals holds.
type Conflict = Vec<Literal>;

/// What is left of a clause when literals that do not hold are taken away.
enum Left {
    Nothing(Conflict),
    One(Literal),
    /// One literal that holds, or several.
    Enough,
}

impl<'s, 'a> Solver<'s, 'a> {
    pub(super) fn new(clauses: Clauses, theory: Theory<'s, 'a>, steps: usize) -> Self {
        let mut solver = Self {
            theory,
            given: clauses.all.len(),
            clauses: Vec::new(),
            questions: clauses.questions,
            assigned: vec![None; clauses.variables],
            occurs: BTreeMap::new(),
            trail: Vec::new(),
            followed: 0,
            level: 0,
            bound: None,
            unclear: None,
            steps,
            impossible: false,
        };
        for clause in clauses.all {
            solver.add(clause);
        }
        solver
    }

    /// From now on only requests that cost less count.
    pub(super) fn look_below(&mut self, bound: Cost) {
        self.bound = Some(bound);
    }

    /// These literals do not all hold.
    pub(super) fn exclude(&mut self, literals: &[Literal]) {
        self.learn(literals.iter().map(|literal| !*literal).collect());
    }

    /// The next request.
    pub(super) fn next(&mut self) -> Outcome {
        loop {
            if self.impossible {
                return Outcome::Nothing;
            }
            let Some(fewer) = self.steps.checked_sub(1) else { return Outcome::Exhausted };
            self.steps = fewer;
            if let Some(conflict) = self.propagate() {
                self.learn(conflict);
                continue;
            }
            match self.ask_components() {
                Err(conflict) => self.learn(conflict),
                Ok((cost, values, asked)) => match self.choice() {
                    Some(literal) => {
                        self.level += 1;
                        self.assign(literal, None);
                    }
                    None => return Outcome::Model(self.model(cost, values, asked)),
                },
            }
        }
    }

    fn model(&self, cost: Cost, values: BTreeMap<Component, Value>, asked: Asked) -> Model {
        let about_nothing = |literal: &&Literal| {
            literal.variable < self.questions
                && self.theory.space.component(literal.variable).is_none()
        };
        let assumed = self.trail.iter().filter(about_nothing).copied().collect();
        Model { cost, values, asked, assumed }
    }

    fn add(&mut self, clause: Vec<Literal>) {
        let number = self.clauses.len();
        for literal in &clause {
            self.occurs.entry(*literal).or_default().push(number);
        }
        match clause.as_slice() {
            [] => self.impossible = true,
            [only] if self.holds(*only).is_none() => self.assign(*only, Some(number)),
            [only] => self.impossible |= self.holds(*only) == Some(false),
            _ => {}
        }
        self.clauses.push(clause);
    }

    fn get(&self, variable: usize) -> Option<Assigned> {
        self.assigned.get(variable).copied().flatten()
    }

    fn holds(&self, literal: Literal) -> Option<bool> {
        self.get(literal.variable).map(|assigned| assigned.holds == literal.holds)
    }

    fn level_of(&self, literal: Literal) -> usize {
        self.get(literal.variable).map_or(0, |assigned| assigned.level)
    }

    fn assign(&mut self, literal: Literal, reason: Option<usize>) {
        let assigned = Assigned { holds: literal.holds, level: self.level, reason };
        if let Some(slot) = self.assigned.get_mut(literal.variable) {
            *slot = Some(assigned);
        }
        self.trail.push(literal);
    }

    /// Draws the conclusions of clauses that have one literal left.
    fn propagate(&mut self) -> Option<Conflict> {
        while let Some(literal) = self.trail.get(self.followed).copied() {
            self.followed += 1;
            let concerned = self.occurs.get(&!literal).cloned().unwrap_or_default();
            let conflict = concerned.into_iter().find_map(|number| self.conclude(number));
            if conflict.is_some() {
                return conflict;
            }
        }
        None
    }

    /// Draws the conclusion of a clause.
    fn conclude(&mut self, number: usize) -> Option<Conflict> {
        match self.left_of(number) {
            Left::Nothing(conflict) => return Some(conflict),
            Left::One(only) => self.assign(only, Some(number)),
            Left::Enough => {}
        }
        None
    }

    /// What is left of a clause.
    fn left_of(&self, number: usize) -> Left {
        let clause = self.clauses.get(number).map(Vec::as_slice).unwrap_or_default();
        let mut open = clause.iter().filter(|literal| self.holds(**literal) != Some(false));
        match (open.next(), open.next()) {
            (None, _) => Left::Nothing(clause.to_vec()),
            (Some(only), None) if self.holds(*only).is_none() => Left::One(*only),
            (Some(_), _) => Left::Enough,
        }
    }

    /// Asks every component that something is said of, and holds the sum against the bound.
    fn ask_components(&mut self) -> Result<(Cost, BTreeMap<Component, Value>, Asked), Conflict> {
        // Fields are there even where nothing is asked of them.
        let fields = Field::ALL.map(|field| (Component::Field(field), Vec::new()));
        let mut asked = Asked::from(fields);
        for literal in self.trail.iter().filter(|literal| literal.variable < self.questions) {
            if let Some(component) = self.theory.space.component(literal.variable) {
                asked.entry(component).or_default().push(*literal);
            }
        }
        let mut values = BTreeMap::new();
        let mut cost = Cost::default();
        let mut dear = Vec::new();
        for (component, literals) in &mut asked {
            literals.sort_unstable();
            match self.theory.verdict(*component, literals) {
                Verdict::Can(own, value) => {
                    let costly = literals.iter().filter(|_| own != Cost::default());
                    dear.extend(costly.map(|literal| !*literal));
                    cost = cost + own;
                    values.insert(*component, value);
                }
                Verdict::Cannot(core) => return Err(core.into_iter().map(|l| !l).collect()),
                Verdict::Unclear(because) => {
                    self.unclear.get_or_insert(because);
                    return Err(literals.iter().map(|literal| !*literal).collect());
                }
            }
        }
        match self.bound {
            Some(bound) if cost >= bound => Err(dear),
            Some(_) | None => Ok((cost, values, asked)),
        }
    }

    /// A literal of the given clause that leaves the least choice; none when all clauses hold. An
    /// alternative that is not taken asks for nothing.
    fn choice(&self) -> Option<Literal> {
        let mut best: Option<(usize, Literal)> = None;
        for clause in self.clauses.iter().take(self.given) {
            let idle = |literal: &Literal| match self.holds(*literal) {
                Some(holds) => holds,
                None => !literal.holds && literal.variable >= self.questions,
            };
            if clause.iter().any(idle) {
                continue;
            }
            let open = clause.iter().filter(|literal| self.holds(**literal).is_none());
            let width = open.clone().count();
            if best.is_none_or(|(least, _)| width < least) {
                let first = open.min_by_key(|literal| self.reluctance(literal.variable));
                best = first.map(|first| (width, *first)).or(best);
            }
        }
        best.map(|(_, literal)| literal)
    }

    /// What is assumed of things that cannot be told is assumed last.
    fn reluctance(&self, variable: usize) -> u8 {
        if variable >= self.questions {
            return 1;
        }
        if self.theory.space.component(variable).is_some() { 0 } else { 2 }
    }

    /// Learns from a conflict, and goes back to where what was learned leaves one choice.
    fn learn(&mut self, conflict: Conflict) {
        let top = conflict.iter().map(|literal| self.level_of(*literal)).max().unwrap_or(0);
        if top == 0 && conflict.iter().all(|literal| self.holds(*literal) == Some(false)) {
            self.impossible = true;
            return;
        }
        self.go_back(top);
        let (asserted, mut clause) = self.first_cut(&conflict);
        let back = clause.iter().map(|literal| self.level_of(*literal)).max().unwrap_or(0);
        self.go_back(back);
        let number = self.clauses.len();
        clause.extend(asserted);
        self.add(clause);
        if let Some(asserted) = asserted.filter(|literal| self.holds(*literal).is_none()) {
            self.assign(asserted, Some(number));
        }
    }

    /// The clause behind a conflict that holds one literal of the last level, and that literal.
    fn first_cut(&self, conflict: &[Literal]) -> (Option<Literal>, Vec<Literal>) {
        let mut seen = HashSet::new();
        let mut kept = Vec::new();
        let mut pending = 0_usize;
        let mut queue: Vec<Literal> = conflict.to_vec();
        let mut trail = self.trail.iter().rev();
        loop {
            queue.retain(|l| seen.insert(l.variable) && self.level_of(*l) > 0);
            let (last, before): (Vec<Literal>, Vec<Literal>) =
                queue.drain(..).partition(|literal| self.level_of(*literal) == self.level);
            pending += last.len();
            kept.extend(before);
            let last = trail.find(|literal| seen.contains(&literal.variable));
            let Some(last) = last.copied() else { return (None, kept) };
            pending = pending.saturating_sub(1);
            let reason = self.get(last.variable).and_then(|assigned| assigned.reason);
            match reason.and_then(|number| self.clauses.get(number)) {
                Some(clause) if pending > 0 => {
                    queue.extend(clause.iter().filter(|l| l.variable != last.variable));
                }
                Some(_) | None => return (Some(!last), kept),
            }
        }
    }

    fn go_back(&mut self, level: usize) {
        if level >= self.level {
            return;
        }
        while let Some(last) = self.trail.last().filter(|l| self.level_of(**l) > level).copied() {
            self.trail.pop();
            if let Some(slot) = self.assigned.get_mut(last.variable) {
                *slot = None;
            }
        }
        self.level = level;
        self.followed = self.followed.min(self.trail.len());
    }
}
